import { IsovecError } from '../shared/isovec-error.js';
import type { EmbeddingBatch } from './embedding-batch.js';

/** Float32 vectors of one length: a batch, one vector, or a list of vectors. */
export type VectorSet = EmbeddingBatch | Float32Array | readonly Float32Array[];

/**
 * The vectors of a set as a list, without copying. INPUT_INVALID, naming the argument and the row, for an array that
 * is not float32, for an empty vector and for vectors of different lengths.
 */
export function vectorsOf(set: VectorSet, argument: string): readonly Float32Array[] {
  const rows: Iterable<unknown> = set instanceof Float32Array ? [set] : set;
  const vectors: Float32Array[] = [];
  for (const row of rows) {
    const index = vectors.length;
    if (!(row instanceof Float32Array)) {
      throw new IsovecError(
        'INPUT_INVALID',
        `Row ${index} of ${argument} is not a Float32Array: similarities take float32 vectors, not quantised ones.`,
        { data: { argument, index } },
      );
    }
    const length = vectors[0]?.length ?? row.length;
    if (row.length === 0 || row.length !== length) {
      throw new IsovecError(
        'INPUT_INVALID',
        row.length === 0
          ? `Row ${index} of ${argument} is empty.`
          : `Row ${index} of ${argument} has ${row.length} dimensions, row 0 has ${length}.`,
        { data: { argument, index } },
      );
    }
    vectors.push(row);
  }
  return vectors;
}

/** INPUT_INVALID unless the vectors of two sets have the same length; an empty set fits every other. */
export function requireSameDimensions(a: readonly Float32Array[], b: readonly Float32Array[]): void {
  const left = a[0];
  const right = b[0];
  if (left !== undefined && right !== undefined && left.length !== right.length) {
    throw new IsovecError(
      'INPUT_INVALID',
      `Vectors of ${left.length} and ${right.length} dimensions cannot be compared: cut both to the same length, and compare only vectors of one model.`,
      { data: { left: left.length, right: right.length } },
    );
  }
}
