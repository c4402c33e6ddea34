import { ARRAY_OF_PRECISION, EmbeddingBatch, type Precision, rowLength } from './embedding-batch.js';

/** Consecutive rows of a batch. */
export interface BatchRange {
  readonly batch: EmbeddingBatch<Precision>;
  readonly begin: number;
  readonly end: number;
}

/** The rows of some ranges as one batch, in their order. All ranges are of one precision and dimension. */
export function joinRanges(
  ranges: readonly BatchRange[],
  layout: { readonly precision: Precision; readonly dimensions: number },
): EmbeddingBatch<Precision> {
  const { precision, dimensions } = layout;
  const count = ranges.reduce((sum, { begin, end }) => sum + end - begin, 0);
  const length = rowLength(precision, dimensions);
  const data = new ARRAY_OF_PRECISION[precision](count * length);
  const tokens = new Uint32Array(count);
  const truncated = new Uint8Array(count);
  let at = 0;
  for (const { batch, begin, end } of ranges) {
    data.set(batch.data.subarray(begin * length, end * length), at * length);
    tokens.set(batch.tokens.subarray(begin, end), at);
    truncated.set(batch.truncated.subarray(begin, end), at);
    at += end - begin;
  }
  return new EmbeddingBatch<Precision>({ precision, data, count, dimensions, tokens, truncated });
}
