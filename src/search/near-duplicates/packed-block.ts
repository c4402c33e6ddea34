import { euclideanNorm, SMALLEST_NORM } from '../../vector/normalize.js';
import type { SharedVectors } from './shared-vectors.js';

/** Where unit vectors are laid out for a kernel. */
export interface PackedBlock {
  /** Groups of vectors, within a group by dimension. */
  readonly values: Float32Array;
  /** Length of what a vector has beyond the chosen dimensions. */
  readonly rests: Float32Array;
  /** Vectors of a group. */
  readonly group: number;
}

/**
 * Lays out the chosen dimensions of the unit vectors from `begin` to `end`, and gives how many there are, filled up with
 * zero vectors to whole groups.
 */
export function packBlock(
  vectors: SharedVectors,
  begin: number,
  end: number,
  chosen: Int32Array,
  { values, rests, group }: PackedBlock,
): number {
  const length = chosen.length;
  const count = Math.ceil((end - begin) / group) * group;
  for (let i = 0; i < count; i++) {
    let at = Math.floor(i / group) * group * length + (i % group);
    if (begin + i >= end) {
      for (let k = 0; k < length; k++, at += group) values[at] = 0;
      rests[i] = 0;
      continue;
    }
    const row = vectors.row(begin + i);
    const divisor = vectors.divisor(begin + i);
    const scale = 1 / divisor;
    let square = 0;
    for (let k = 0; k < length; k++, at += group) {
      const value = (row[chosen[k] ?? 0] ?? 0) * scale;
      values[at] = value;
      square += value * value;
    }
    // A vector shorter than the least divisor, the zero vector above all, is no unit vector.
    const whole = divisor > SMALLEST_NORM ? 1 : (euclideanNorm(row) * scale) ** 2;
    rests[i] = Math.sqrt(Math.max(0, whole - square));
  }
  return count;
}
