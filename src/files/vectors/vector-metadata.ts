import type { EmbeddingSpace } from '../../models/embedding-space.js';
import type { Precision } from '../../vector/index.js';
import type { RowFormat } from '../rows/row-source.js';

/** Version of {@link VectorMetadata}. */
export const METADATA_VERSION = 1 as const;

/**
 * What a file of vectors is: kept inside a Parquet file under the key `isovec`, and beside every other one as
 * `NAME.meta.json`. It holds no time of day: the same texts give the same bytes.
 */
export interface VectorMetadata {
  readonly format: 'isovec-vectors';
  readonly version: typeof METADATA_VERSION;
  /** Vectors may only be compared within one space. */
  readonly space: EmbeddingSpace;
  /** Dimensions after any cut, before any packing. */
  readonly dimensions: number;
  readonly precision: Precision;
  /** Whether the vectors have length 1. */
  readonly normalized: boolean;
  /** What was put in front of every text. */
  readonly prompt: string;
  /** Vectors in the file. */
  readonly rows: number;
  /** Rows of the source that have no vector; listed in `NAME.refused.jsonl`. */
  readonly refused: number;
  /** Texts that were cut to the model's limit. */
  readonly truncated: number;
  /** Tokens of all texts. */
  readonly tokens: number;
  readonly source: {
    /** As it was named, relative to the folder of the file of vectors where possible; null for a pipe or arguments. */
    readonly file: string | null;
    readonly format: RowFormat;
    readonly column: string;
    /** Of CSV: whether its first record names the columns. */
    readonly header: boolean;
    /** Rows of more bytes were refused. */
    readonly maxRowBytes: number;
    /** SHA-256 over all rows that were read, hexadecimal: whether a source is still the same. */
    readonly digest: string;
  };
  /** SHA-256 over all that decides the bytes of the file beside its source, hexadecimal. */
  readonly job: string;
  /** Column or member that holds the vectors, where the format has names. */
  readonly vectorColumn: string;
}
