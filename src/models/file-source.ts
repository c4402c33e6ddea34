import { open, type FileHandle } from 'node:fs/promises';

import type { ByteSource } from '../formats/byte-source.js';
import { IsovecError } from '../shared/isovec-error.js';
import { modelFileError } from './model-config/read-config-file.js';
import type { ModelFile } from './model-files.js';

/** Random access to a model's file; holds one file handle until it is closed. */
export class FileSource implements ByteSource, AsyncDisposable {
  readonly name: string;
  readonly size: number;
  readonly #file: ModelFile;
  #handle: FileHandle | undefined;

  private constructor(file: ModelFile, handle: FileHandle, size: number) {
    this.name = file.name;
    this.size = size;
    this.#file = file;
    this.#handle = handle;
  }

  /** Opens a file for reading. MODEL_FILE_MISSING or SOURCE_FORBIDDEN naming it. */
  static async open(file: ModelFile): Promise<FileSource> {
    try {
      const handle = await open(file.path, 'r');
      return new FileSource(file, handle, (await handle.stat()).size);
    } catch (cause) {
      throw modelFileError(file, cause);
    }
  }

  /** The bytes from `begin` to `end`, in a buffer of their own. FORMAT_INVALID if the file is shorter, CLOSED after close. */
  async read(begin: number, end: number): Promise<Uint8Array> {
    if (this.#handle === undefined) throw new IsovecError('CLOSED', `${this.name} was closed.`);
    const bytes = new Uint8Array(end - begin);
    let filled = 0;
    while (filled < bytes.byteLength) {
      const { bytesRead } = await this.#readOnce(this.#handle, bytes, filled, begin);
      if (bytesRead === 0) {
        throw new IsovecError(
          'FORMAT_INVALID',
          `${this.name} ended at byte ${begin + filled}; it was to reach ${end}.`,
          {
            data: { file: this.name },
          },
        );
      }
      filled += bytesRead;
    }
    return bytes;
  }

  async #readOnce(
    handle: FileHandle,
    bytes: Uint8Array,
    filled: number,
    begin: number,
  ): Promise<{ bytesRead: number }> {
    try {
      return await handle.read(bytes, filled, bytes.byteLength - filled, begin + filled);
    } catch (cause) {
      throw modelFileError(this.#file, cause);
    }
  }

  /** Idempotent. */
  async close(): Promise<void> {
    const handle = this.#handle;
    this.#handle = undefined;
    await handle?.close();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }
}
