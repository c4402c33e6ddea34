import type { EncoderParameters, LinearParameters, MatrixParameter } from '../encoder-parameters.js';
import { activate } from './blocks.js';
import type { GraphBuilder } from './graph-builder.js';
import type { EncoderBlocks } from './transformer.js';

/** What the two float32 graphs do differently. */
export interface FloatBlocks {
  readonly opset: number;
  /** x W^T + b over the last axis. */
  readonly linear: (input: string, parameters: LinearParameters) => string;
  /** The initialiser of a table [rows, hidden]. */
  readonly table: (table: MatrixParameter) => string;
}

/** An encoder whose weights are float32. */
export function floatEncoder(
  graph: GraphBuilder,
  parameters: EncoderParameters,
  { opset, linear, table }: FloatBlocks,
): EncoderBlocks {
  const { shape, positions, tokenTypes, embeddingNorm } = parameters;
  return {
    shape,
    positions,
    tokenTypes,
    embeddingNorm,
    words: (ids) => graph.op('words', 'Gather', [table(parameters.words), ids]),
    layers: parameters.layers.map((layer) => ({
      project: (hidden) => ({
        query: graph.scope('query', () => linear(hidden, layer.query)),
        key: graph.scope('key', () => linear(hidden, layer.key)),
        value: graph.scope('value', () => linear(hidden, layer.value)),
      }),
      attentionOutput: (context) => graph.scope('output', () => linear(context, layer.attentionOutput)),
      attentionNorm: layer.attentionNorm,
      feedForward: (input) => {
        const inner = graph.scope('intermediate', () => linear(input, layer.intermediate));
        const activated = activate(graph, inner, shape.activation, opset);
        return graph.scope('output', () => linear(activated, layer.output));
      },
      outputNorm: layer.outputNorm,
    })),
  };
}
