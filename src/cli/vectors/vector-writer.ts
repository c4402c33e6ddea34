import type { VectorSegment } from '../../files/vectors/vector-encoder.js';
import type { Precision } from '../../vector/index.js';

/** Writes rows with their vectors in one format as they come. */
export interface VectorWriter {
  /** Writes some rows, in order. */
  write(segment: VectorSegment): Promise<void>;
}

/** What all vectors of one output have in common. */
export interface VectorLayout {
  readonly precision: Precision;
  /** Dimensions of the vectors, before any packing. */
  readonly dimensions: number;
}
