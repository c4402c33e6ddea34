import type { JsonObject } from '../../formats/json/parse-json.js';
import type { EmbeddingBatch, Precision } from '../../vector/index.js';
import type { Column } from '../column.js';
import type { SourceRow } from '../rows/row-source.js';
import type { VectorMetadata } from './vector-metadata.js';

/** Formats of files of vectors. */
export type VectorFileFormat = 'jsonl' | 'npy' | 'parquet' | 'f32';

/** Some rows with their vectors: row i of the vectors belongs to row i of the rows. */
export interface VectorSegment {
  readonly rows: readonly SourceRow[];
  readonly vectors: EmbeddingBatch<Precision>;
}

/** Bytes of one segment, and what a later process must know of it to go on after it. */
export interface EncodedSegment {
  /** To be appended in this order; they may share the memory of the segment's vectors. */
  readonly bytes: readonly Uint8Array[];
  /** Survives JSON. */
  readonly note: JsonObject;
}

/** How a file of vectors is written. */
export interface VectorEncoderOptions {
  readonly precision: Precision;
  /** Dimensions of the vectors, before any packing. */
  readonly dimensions: number;
  /** Columns that are written beside the vectors, for formats that have columns. */
  readonly columns: readonly Column[];
  readonly vectorColumn: string;
  /** Notes of the segments that are in the file already, in order: the encoder goes on behind them. */
  readonly earlier: readonly JsonObject[];
}

/**
 * Values to bytes of a file of vectors, segment by segment, without input or output. The bytes depend on the segments
 * only: one encoder, or one per segment that got the notes of those before, give the same file.
 */
export interface VectorEncoder {
  readonly format: VectorFileFormat;
  /** Bytes that begin the file; written when there is no segment yet. */
  begin(): Uint8Array;
  /** INPUT_INVALID, naming the row, for a value that its column cannot hold. */
  segment(segment: VectorSegment): EncodedSegment;
  /** What completes the file: bytes to append, and bytes that replace the first ones, as many as they are. */
  end(metadata: VectorMetadata): { readonly tail: Uint8Array; readonly head?: Uint8Array };
}
