import type { ModelInfo } from '../engine/embedder.js';
import { normalizeRows } from '../vector/index.js';

/** How the vectors of an answer are to look. */
export interface VectorShape {
  /** Length; the first values are kept. */
  readonly dimensions: number;
  /** Whether each is normalised after that. */
  readonly normalize: boolean;
}

/**
 * The shape of vectors that are to be normalised or not. What the model has normalised is left alone unless it is cut:
 * normalising twice would change the last bit.
 */
export function vectorShape(
  { normalizes, maxDimensions }: Pick<ModelInfo, 'normalizes' | 'maxDimensions'>,
  dimensions: number,
  normalize: boolean,
): VectorShape {
  return { dimensions, normalize: normalize && !(normalizes && dimensions === maxDimensions) };
}

/** A row as an answer gives it: the same bits as `Embedder.encode` with the same options. The row may be changed. */
export function shapeVector(row: Float32Array, { dimensions, normalize }: VectorShape): Float32Array {
  const kept = row.length > dimensions ? row.slice(0, dimensions) : row;
  if (normalize) normalizeRows(kept, dimensions);
  return kept;
}
