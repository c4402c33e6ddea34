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

/** What a block adds to the residual stream: float32 [..., hidden], and what is still to be added to every row. */
export interface BlockOutput {
  readonly values: string;
  /** The name of an initialiser [hidden]. */
  readonly bias: string | undefined;
}

/** The linear parts of one layer, in whatever arithmetic; each takes and gives float32. */
export interface LayerBlocks {
  project(hidden: string): Projections;
  attentionOutput(context: string): BlockOutput;
  readonly attentionNorm: NormParameters;
  feedForward(input: string): BlockOutput;
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
  readonly normSum: NormSumBlock;
}

/** The normalised sum of what a block gives and of the residual stream; `name` is that of the norm's parameters. */
export type NormSumBlock = (name: string, output: BlockOutput, residual: string, norm: NormParameters) => string;

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
    hidden = graph.scope(`layer.${index}`, () => encoderLayer(graph, encoder, layer, index, hidden, attention));
  });
  return hidden;
}

/** One layer on the residual stream that enters it; gives the stream that leaves it. */
export function encoderLayer(
  graph: GraphBuilder,
  { normSum }: Pick<EncoderBlocks, 'normSum'>,
  layer: LayerBlocks,
  index: number,
  hidden: string,
  attention: AttentionBlock,
): string {
  const attended = graph.scope('attention', () => {
    const context = attention(layer.project(hidden));
    return normSum(`layer.${index}.attention.norm`, layer.attentionOutput(context), hidden, layer.attentionNorm);
  });
  return graph.scope('feed_forward', () =>
    normSum(`layer.${index}.output.norm`, layer.feedForward(attended), attended, layer.outputNorm),
  );
}

/** {@link NormSumBlock} in standard operators. */
export function standardNormSum(graph: GraphBuilder, { normEpsilon }: EncoderShape): NormSumBlock {
  return (name, { values, bias }, residual, norm) => {
    const biased = bias === undefined ? values : graph.op('biased', 'Add', [values, bias]);
    const sum = graph.op('residual', 'Add', [biased, residual]);
    return layerNorm(graph, name, sum, norm, normEpsilon);
  };
}
