import type { Logger } from '../../shared/log.js';
import type { CatalogueEntry } from '../catalogue.js';
import type { ModelFiles, ModelOrigin } from '../model-files.js';
import type { ModelId } from '../model-id.js';

/** What a file must be before it is accepted. At least one digest is always known. */
export interface ExpectedContent {
  /** Length in bytes. */
  readonly size: number;
  /** SHA-256 of the bytes, hexadecimal. */
  readonly sha256?: string;
  /** SHA-1 that git gives the bytes as a blob object, hexadecimal: all a hub tells about small files. */
  readonly gitOid?: string;
}

/** Bytes of a file from `offset`, which is the one asked for, or 0 if the source cannot begin in the middle. */
export interface OpenedBytes {
  readonly offset: number;
  readonly bytes: AsyncIterable<Uint8Array>;
}

/** One file that a source offers but that is not on this disk yet. */
export interface RemoteFile {
  /** Path inside the model with '/' separators. */
  readonly name: string;
  readonly expected: ExpectedContent;
  /**
   * Begins to read. Failures of the way there (not of the file) are SOURCE_UNREACHABLE, here and while the bytes
   * flow: the caller may open again where the bytes ended.
   */
  open(offset: number, signal: AbortSignal | undefined): Promise<OpenedBytes>;
}

/** A model that a source can deliver: pinned, listed, not fetched. */
export interface RemoteSnapshot {
  readonly kind: 'remote';
  /** Canonical id without revision. */
  readonly id: string;
  /** Commit, or the label of a wheel's version. */
  readonly revision: string;
  readonly origin: Extract<ModelOrigin, 'hub' | 'wheel'>;
  /** Where it comes from, for people: an endpoint without credentials, a package and version. */
  readonly from: string;
  readonly files: readonly RemoteFile[];
  /** Frees what the source holds; to be called once, whatever happened. */
  close(): Promise<void>;
}

/** A model whose files are on this disk already and are used where they are. */
export interface LocalModel {
  readonly kind: 'local';
  readonly files: ModelFiles;
}

export interface LocateOptions {
  /** The model's entry in the catalogue, if it has one. */
  readonly entry: CatalogueEntry | undefined;
  readonly logger: Logger;
  readonly signal: AbortSignal | undefined;
  /** Bytes that the source itself fetches before any single file is known; the total is often unknown. */
  readonly onBytes: (subject: string, done: number, total: number | undefined) => void;
}

/**
 * A place models come from. Knows nothing of the cache: what is remote is written there by the caller.
 * `locate` rejects with MODEL_NOT_FOUND if the model is not there, SOURCE_UNREACHABLE or SOURCE_FORBIDDEN if that
 * cannot be known, and with the defect's own code if the model is there but unusable.
 */
export interface ModelSource {
  /** How messages name the source. */
  readonly name: string;
  /** Whether asking needs more than this machine. */
  readonly remote: boolean;
  locate(id: ModelId, options: LocateOptions): Promise<LocalModel | RemoteSnapshot>;
}
