import { IsovecError } from '../shared/isovec-error.js';
import { EmbeddingBatch } from './embedding-batch.js';

/**
 * A copy of a batch with only the first `dimensions` dimensions of each row (Matryoshka). The rows are not
 * renormalised, as in sentence-transformers; `normalizedBatch` does that. CONFIG_INVALID unless
 * 1 <= dimensions <= batch.dimensions.
 */
export function truncateDimensions(batch: EmbeddingBatch, dimensions: number): EmbeddingBatch {
  if (!Number.isInteger(dimensions) || dimensions < 1 || dimensions > batch.dimensions) {
    throw new IsovecError(
      'CONFIG_INVALID',
      `dimensions must be a whole number from 1 to ${batch.dimensions}, the length of these vectors, not ${dimensions}.`,
      { data: { dimensions, available: batch.dimensions } },
    );
  }
  const data = new Float32Array(batch.count * dimensions);
  for (let i = 0; i < batch.count; i++) data.set(batch.row(i).subarray(0, dimensions), i * dimensions);
  return new EmbeddingBatch({
    precision: 'float32',
    data,
    count: batch.count,
    dimensions,
    tokens: batch.tokens,
    truncated: batch.truncated,
  });
}
