import type { EmbeddingBatch, Precision } from '../../vector/index.js';

/** Writes vectors in one format as they come. */
export interface VectorWriter {
  /** Writes a batch and its texts, in order. */
  write(batch: EmbeddingBatch<Precision>, texts: readonly string[]): Promise<void>;
  /** Completes the output after the last batch. */
  end(): Promise<void>;
}

/** What all vectors of one output have in common. */
export interface VectorLayout {
  readonly precision: Precision;
  /** Dimensions of the vectors, before any packing. */
  readonly dimensions: number;
}
