import type { VectorFileFormat } from './vector-encoder.js';
import type { VectorMetadata } from './vector-metadata.js';

/** Consecutive vectors of a file. */
export interface VectorBlock {
  /** Index of the first vector, from 0. */
  readonly first: number;
  readonly count: number;
  /** float32 [count x dimensions]; may be used again by the next block. */
  readonly data: Float32Array;
}

/** What lies beside a vector. */
export interface VectorRecord {
  readonly text?: string;
  /** Other columns of the row, by name. */
  readonly values: Readonly<Record<string, unknown>>;
}

/**
 * A file of float32 vectors, open for reading any number of times.
 *
 * Opening and reading fail with FORMAT_INVALID (broken, cut short, rows of different lengths; names file, row and way
 * out) or INPUT_INVALID (no such file; vectors of another precision; dimensions unknown).
 */
export interface VectorFile {
  /** As it was named. */
  readonly name: string;
  readonly format: VectorFileFormat;
  /** Vectors in the file; undefined where only reading it tells. */
  readonly rows: number | undefined;
  readonly dimensions: number;
  /** Undefined for files that other programs wrote. */
  readonly metadata: VectorMetadata | undefined;
  /** The vectors in order, in blocks of bounded size. Every value is finite. ABORTED. */
  blocks(signal?: AbortSignal): AsyncGenerator<VectorBlock, void, undefined>;
  /** What lies beside some vectors, by index; a vector whose row cannot be told is left out. ABORTED. */
  records(indices: readonly number[], signal?: AbortSignal): Promise<ReadonlyMap<number, VectorRecord>>;
  /** Idempotent. */
  close(): Promise<void>;
}
