import type { EncoderParameters, LayerParameters, LinearParameters } from '../encoder-parameters.js';
import { activate, layerNorm } from './blocks.js';
import type { GraphBuilder } from './graph-builder.js';

/** What the two graphs do differently inside a layer. */
export interface TransformerBlocks {
  readonly opset: number;
  /** x W^T + b over the last axis. */
  linear(input: string, parameters: LinearParameters): string;
  /** Multi-head attention of projected queries, keys and values, each [..., hidden]. */
  attention(query: string, key: string, value: string): string;
}

/** The layers of a post-norm encoder on a sum of embeddings; gives the last hidden state in the input's layout. */
export function transformer(
  graph: GraphBuilder,
  parameters: EncoderParameters,
  embeddings: string,
  blocks: TransformerBlocks,
): string {
  const epsilon = parameters.shape.normEpsilon;
  let hidden = graph.scope('embeddings', () =>
    layerNorm(graph, 'embeddings.norm', embeddings, parameters.embeddingNorm, epsilon),
  );
  parameters.layers.forEach((layer, index) => {
    hidden = graph.scope(`layer.${index}`, () => encoderLayer(graph, parameters, layer, index, hidden, blocks));
  });
  return hidden;
}

function encoderLayer(
  graph: GraphBuilder,
  { shape }: EncoderParameters,
  layer: LayerParameters,
  index: number,
  hidden: string,
  blocks: TransformerBlocks,
): string {
  const attended = graph.scope('attention', () => {
    const query = graph.scope('query', () => blocks.linear(hidden, layer.query));
    const key = graph.scope('key', () => blocks.linear(hidden, layer.key));
    const value = graph.scope('value', () => blocks.linear(hidden, layer.value));
    const context = blocks.attention(query, key, value);
    const output = graph.scope('output', () => blocks.linear(context, layer.attentionOutput));
    const sum = graph.op('residual', 'Add', [output, hidden]);
    return layerNorm(graph, `layer.${index}.attention.norm`, sum, layer.attentionNorm, shape.normEpsilon);
  });
  return graph.scope('feed_forward', () => {
    const inner = graph.scope('intermediate', () => blocks.linear(attended, layer.intermediate));
    const activated = activate(graph, inner, shape.activation, blocks.opset);
    const output = graph.scope('output', () => blocks.linear(activated, layer.output));
    const sum = graph.op('residual', 'Add', [output, attended]);
    return layerNorm(graph, `layer.${index}.output.norm`, sum, layer.outputNorm, shape.normEpsilon);
  });
}
