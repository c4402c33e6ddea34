import { IsovecError } from '../shared/isovec-error.js';
import { EmbeddingBatch } from './embedding-batch.js';

/** Smallest divisor: a shorter vector, the zero vector above all, is divided by this (torch.nn.functional.normalize). */
export const SMALLEST_NORM = 1e-12;

/** Euclidean length of a vector, accumulated in float64. */
export function euclideanNorm(vector: ArrayLike<number>): number {
  let sum = 0;
  for (let i = 0; i < vector.length; i++) {
    const value = vector[i] ?? 0;
    sum += value * value;
  }
  return Math.sqrt(sum);
}

/**
 * Divides each row of a flat array by max(norm, 1e-12), in place. The quotient is rounded to float32 once. A row with
 * a NaN or an infinity stays non-finite. INPUT_INVALID if `data` is not a whole number of rows.
 */
export function normalizeRows(data: Float32Array, dimensions: number): void {
  if (!Number.isSafeInteger(dimensions) || dimensions < 1 || data.length % dimensions !== 0) {
    throw new IsovecError('INPUT_INVALID', `${data.length} values are not a whole number of rows of ${dimensions}.`);
  }
  for (let begin = 0; begin < data.length; begin += dimensions) {
    const row = data.subarray(begin, begin + dimensions);
    const divisor = Math.max(euclideanNorm(row), SMALLEST_NORM);
    for (let i = 0; i < dimensions; i++) row[i] = (row[i] ?? 0) / divisor;
  }
}

/** A copy of one vector, divided by max(norm, 1e-12). */
export function normalized(vector: Float32Array): Float32Array {
  const copy = vector.slice();
  if (copy.length > 0) normalizeRows(copy, copy.length);
  return copy;
}

/** A copy of a batch, each row divided by max(norm, 1e-12). */
export function normalizedBatch(batch: EmbeddingBatch): EmbeddingBatch {
  const data = batch.data.slice();
  normalizeRows(data, batch.dimensions);
  return new EmbeddingBatch({
    precision: 'float32',
    data,
    count: batch.count,
    dimensions: batch.dimensions,
    tokens: batch.tokens,
    truncated: batch.truncated,
  });
}
