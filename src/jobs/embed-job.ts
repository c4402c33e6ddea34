import type { EncodeOptions } from '../engine/encode-options.js';
import type { RowSource } from '../files/rows/row-source.js';
import type { VectorFormat } from '../files/vectors/vector-format.js';
import type { Precision } from '../vector/index.js';
import type { JobFiles } from './job-files.js';
import type { JobTally } from './job-tally.js';

/** Texts to embed, and how. */
export interface EmbedWork {
  readonly source: RowSource;
  /** Of CSV: whether the first record names the columns. */
  readonly header: boolean;
  /** The source's file, if it is one. */
  readonly sourceFile: string | undefined;
  readonly maxRowBytes: number;
  readonly format: VectorFormat;
  readonly vectorColumn: string;
  /** With the prompt resolved: what is put in front of every text. */
  readonly encode: Omit<EncodeOptions<Precision>, 'promptName' | 'signal' | 'onProgress'> & { readonly prompt: string };
  /** What becomes of texts that are longer than the model takes. */
  readonly truncate: 'cut' | 'fail';
  /** Whether a row that cannot be embedded ends the job, or is listed and left out. */
  readonly onError: 'fail' | 'skip';
}

/** A file of texts that becomes a file of vectors. */
export interface EmbedJob extends EmbedWork {
  /** Where the result goes, from `openOutput`. */
  readonly files: JobFiles;
  /** Whether an interrupted run is continued. */
  readonly resume: boolean;
}

/** What became of a job. */
export interface EmbedReport {
  readonly tally: JobTally;
  /** Rows of the source that an earlier run had done. */
  readonly resumedRows: number;
  /** Whether the result was there already, whole and the same. */
  readonly wasComplete: boolean;
  /** Bytes of the result. */
  readonly bytes: number;
}
