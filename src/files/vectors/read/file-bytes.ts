import type { FileHandle } from 'node:fs/promises';
import type { ByteSource } from '../../../formats/byte-source.js';
import { IsovecError } from '../../../shared/isovec-error.js';
import { openInputFile, readFailure } from '../../rows/open-input-file.js';

/** Random access to a file of vectors; holds one file handle until it is closed. */
export class FileBytes implements ByteSource {
  readonly name: string;
  readonly size: number;
  #handle: FileHandle | undefined;

  private constructor(name: string, size: number, handle: FileHandle) {
    this.name = name;
    this.size = size;
    this.#handle = handle;
  }

  /** INPUT_INVALID if there is no such file, or if it may not be read. */
  static async open(name: string): Promise<FileBytes> {
    const { handle, byteCount } = await openInputFile(name);
    if (byteCount !== undefined) return new FileBytes(name, byteCount, handle);
    await handle.close();
    // Vectors are read more than once and from several places, which a pipe does not give.
    throw new IsovecError('INPUT_INVALID', `${name} is a pipe or device. Name a file of vectors.`);
  }

  async read(begin: number, end: number): Promise<Uint8Array> {
    const bytes = new Uint8Array(end - begin);
    await this.fill(bytes, begin);
    return bytes;
  }

  /** Fills an array with the bytes from `begin` on. FORMAT_INVALID if the file has become shorter, CLOSED after close. */
  async fill(bytes: Uint8Array, begin: number): Promise<void> {
    if (this.#handle === undefined) throw new IsovecError('CLOSED', `${this.name} was closed.`);
    let filled = 0;
    while (filled < bytes.byteLength) {
      const { bytesRead } = await this.#readOnce(this.#handle, bytes.subarray(filled), begin + filled);
      if (bytesRead === 0) {
        const rule = `ended at byte ${begin + filled}; it was to reach ${begin + bytes.byteLength}`;
        throw new IsovecError('FORMAT_INVALID', `${this.name} ${rule}. Do not write to it while it is read.`);
      }
      filled += bytesRead;
    }
  }

  async #readOnce(handle: FileHandle, bytes: Uint8Array, begin: number): Promise<{ readonly bytesRead: number }> {
    try {
      return await handle.read(bytes, 0, bytes.byteLength, begin);
    } catch (error) {
      throw readFailure(this.name, error);
    }
  }

  /** Idempotent. */
  async close(): Promise<void> {
    const handle = this.#handle;
    this.#handle = undefined;
    await handle?.close();
  }
}
