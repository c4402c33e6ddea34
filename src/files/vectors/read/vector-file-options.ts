import type { Logger } from '../../../shared/log.js';

/** How a file of vectors is opened. */
export interface OpenVectorFileOptions {
  /** Dimensions of the vectors, needed where neither the file nor its metadata says. */
  readonly dimensions?: number | undefined;
  /** Column or member that holds the vectors; by default the one that the metadata names, "embedding" or "vector". */
  readonly vectorColumn?: string | undefined;
  /** File of the texts, a row for each vector, in place of the texts in the file or the source it names. */
  readonly texts?: string | undefined;
  /** Column of the texts; by default the one that was embedded. */
  readonly textColumn?: string | undefined;
  /** Told why there are no texts. */
  readonly logger?: Logger | undefined;
  readonly signal?: AbortSignal | undefined;
}
