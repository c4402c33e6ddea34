import type { IsovecError } from '../../shared/isovec-error.js';
import type { Column, ColumnValue } from '../column.js';

/** Formats of files of texts. */
export type RowFormat = 'text' | 'jsonl' | 'csv' | 'tsv' | 'parquet';

/** A row of a source. */
export interface SourceRow {
  /** Number of the row in its source, from 1; a header is no row, an empty line of a text file is one. */
  readonly number: number;
  /** The text to embed: valid Unicode. */
  readonly text: string;
  /** Values of the kept columns, in the order of {@link RowSource.columns}; null where a row lacks one. */
  readonly values: readonly ColumnValue[];
  /**
   * Of JSON Lines, when every column is kept: the row's JSON object as it was written, without the line end. Only this
   * holds every digit and every member; without `typed`, `values` may round large numbers beside it.
   */
  readonly json?: string;
}

/** A row that cannot be embedded, with the reason; its message names source and row. */
export interface RefusedRow {
  readonly number: number;
  readonly refused: IsovecError;
}

/** What a source has at one place: a row, or why there is none. */
export type RowOutcome = SourceRow | RefusedRow;

/** How a source of rows is read. */
export interface RowSourceOptions {
  /** The column that holds the text; by default the one named "text", or the only one of strings. */
  readonly column?: string | undefined;
  /** Columns whose values are read beside the text; 'all' includes the text's own. */
  readonly keep: 'all' | readonly string[];
  /**
   * Of JSON Lines: whether every kept column needs one type that holds all its values, as a Parquet file does. The
   * types come from the first rows; a later row with another kind of value or, when all are kept, with another member
   * is refused. By default every column is of type json. Other formats have their types anyway.
   */
  readonly typed?: boolean | undefined;
  /** Longest row in bytes of the uncompressed file; of Parquet, the longest text. */
  readonly maxRowBytes: number;
  /** Of CSV: whether the first record names the columns (default); else they are column1, column2, ... */
  readonly header?: boolean | undefined;
  readonly signal?: AbortSignal | undefined;
}

/**
 * A file or stream of rows, open for one reading from the beginning to the end.
 *
 * The implementations share one contract suite. Opening fails with INPUT_INVALID, naming the source, the rule and the
 * way out: no such file, not readable, an empty file where a header or footer is needed, a missing text column (lists
 * the columns), a text column of another type, a column to keep that is not there. FORMAT_INVALID for a broken file.
 */
export interface RowSource {
  /** For messages: the file as it was named, or 'standard input'. */
  readonly name: string;
  readonly format: RowFormat;
  /** Name of the column that holds the text. */
  readonly column: string;
  /** The kept columns; of JSON Lines without `typed`, those that the first rows have. */
  readonly columns: readonly Column[];
  /** Rows, where the format says how many beforehand. */
  readonly rowCount: number | undefined;
  /** Bytes of the file as it lies on disk, where known. */
  readonly byteCount: number | undefined;
  /** Bytes of the file that were read so far: progress where there is no row count. */
  readonly bytesRead: number;
  /**
   * The rows in order, in runs as they become available: a slow pipe gives short ones. A row that is too long or broken
   * is given as refused and the next one follows; damage after which no row can be found any more (bytes that are not
   * UTF-8 inside CSV, a broken archive or page) is thrown: INPUT_INVALID or FORMAT_INVALID, naming the source and the
   * row or byte offset. ABORTED when the signal fires, CLOSED after {@link close}. It can be called once.
   */
  rows(): AsyncGenerator<readonly RowOutcome[], void, undefined>;
  /** Idempotent. */
  close(): Promise<void>;
}
