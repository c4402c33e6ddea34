import type { EncoderShape } from '../architectures/architecture.js';
import type { NormParameters } from '../encoder-parameters.js';
import { layerNorm } from './blocks.js';
import type { GraphBuilder } from './graph-builder.js';

/** Queries, keys and values of some hidden states, each [..., hidden]. */
export interface Projections {
  readonly query: string;
  readonly key: string;
  readonly value: string;
}

/** The linear parts of one layer, in whatever arithmetic; each takes and gives float32. */
export interface LayerBlocks {
  project(hidden: string): Projections;
  attentionOutput(context: string): string;
  readonly attentionNorm: NormParameters;
  feedForward(input: string): string;
  readonly outputNorm: NormParameters;
}

/** An encoder as graphs are written from it. */
export interface EncoderBlocks {
  readonly shape: EncoderShape;
  /** Rows of the word table, float32 [..., hidden], for ids. */
  words(ids: string): string;
  /** [positions, hidden]. */
  readonly positions: Float32Array;
  /** [tokenTypes, hidden]. */
  readonly tokenTypes: Float32Array;
  readonly embeddingNorm: NormParameters;
  readonly layers: readonly LayerBlocks[];
}

/** Multi-head attention of projected hidden states; gives [..., hidden]. */
export type AttentionBlock = (projections: Projections) => string;

/** The layers of a post-norm encoder on a sum of embeddings; gives the last hidden state in the input's layout. */
export function transformer(
  graph: GraphBuilder,
  encoder: EncoderBlocks,
  embeddings: string,
  attention: AttentionBlock,
): string {
  const { shape } = encoder;
  let hidden = graph.scope('embeddings', () =>
    layerNorm(graph, 'embeddings.norm', embeddings, encoder.embeddingNorm, shape.normEpsilon),
  );
  encoder.layers.forEach((layer, index) => {
    hidden = graph.scope(`layer.${index}`, () => encoderLayer(graph, shape, layer, index, hidden, attention));
  });
  return hidden;
}

/** One layer on the residual stream that enters it; gives the stream that leaves it. */
export function encoderLayer(
  graph: GraphBuilder,
  { normEpsilon }: EncoderShape,
  layer: LayerBlocks,
  index: number,
  hidden: string,
  attention: AttentionBlock,
): string {
  const attended = graph.scope('attention', () => {
    const context = attention(layer.project(hidden));
    const sum = graph.op('residual', 'Add', [layer.attentionOutput(context), hidden]);
    return layerNorm(graph, `layer.${index}.attention.norm`, sum, layer.attentionNorm, normEpsilon);
  });
  return graph.scope('feed_forward', () => {
    const sum = graph.op('residual', 'Add', [layer.feedForward(attended), attended]);
    return layerNorm(graph, `layer.${index}.output.norm`, sum, layer.outputNorm, normEpsilon);
  });
}
