/** How a model's files came to this machine. */
export type ModelOrigin = 'folder' | 'hub' | 'wheel' | 'python-cache';

/** One file of a model on this disk. */
export interface ModelFile {
  /** Path inside the model with '/' separators, as the repository lists it. */
  readonly name: string;
  /** Absolute path of the real file: symbolic links are resolved. */
  readonly path: string;
  /** Length in bytes. */
  readonly size: number;
}

/** A model's files, all present on this disk. What every later step works from; nothing below it downloads. */
export interface ModelFiles {
  /** Canonical id: `org/name`, `wheel:PACKAGE==VERSION`, or the absolute path of a folder. */
  readonly id: string;
  /** Commit of the repository, or undefined for a folder. */
  readonly revision: string | undefined;
  readonly origin: ModelOrigin;
  /** Absolute path of the model's folder. */
  readonly root: string;
  /** By {@link ModelFile.name}. */
  readonly files: ReadonlyMap<string, ModelFile>;
}
