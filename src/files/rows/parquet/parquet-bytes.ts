import type { FileHandle } from 'node:fs/promises';
import { IsovecError } from '../../../shared/isovec-error.js';
import { openInputFile, readFailure } from '../open-input-file.js';

/** A file that is read at any place. */
export class ParquetBytes {
  readonly name: string;
  readonly byteCount: number;
  /** Bytes of pages that were read through; kept by those who read them. */
  bytesRead = 0;
  readonly #handle: FileHandle;
  #closing: Promise<void> | undefined;

  private constructor(handle: FileHandle, name: string, byteCount: number) {
    this.#handle = handle;
    this.name = name;
    this.byteCount = byteCount;
  }

  /** INPUT_INVALID as {@link openInputFile}, and for pipes. */
  static async open(file: string): Promise<ParquetBytes> {
    const { handle, byteCount } = await openInputFile(file);
    if (byteCount !== undefined) return new ParquetBytes(handle, file, byteCount);
    await handle.close();
    throw new IsovecError(
      'INPUT_INVALID',
      `${file} is a pipe or a device; Parquet can only be read from a regular file. Write it to one first.`,
      { data: { file } },
    );
  }

  /** Exactly the bytes from `begin` to `end`, in an ArrayBuffer of their own. FORMAT_INVALID beyond the end. */
  async read(begin: number, end: number): Promise<Uint8Array<ArrayBuffer>> {
    if (!Number.isSafeInteger(begin) || begin < 0 || end < begin || end > this.byteCount) {
      throw damaged(this.name, `bytes ${begin} to ${end} lie outside the file`);
    }
    // Not from Node's pool: what reads a page must not be able to read on into its neighbour.
    const bytes = new Uint8Array(end - begin);
    for (let filled = 0; filled < bytes.length;) {
      const { bytesRead } = await this.#read(bytes, filled, begin + filled);
      if (bytesRead === 0) throw damaged(this.name, 'it became shorter while it was read');
      filled += bytesRead;
    }
    return bytes;
  }

  /** Idempotent. */
  close(): Promise<void> {
    return (this.#closing ??= this.#handle.close());
  }

  async #read(bytes: Uint8Array, filled: number, position: number): Promise<{ readonly bytesRead: number }> {
    if (this.#closing !== undefined) throw new IsovecError('CLOSED', `${this.name} was closed while it was read.`);
    try {
      return await this.#handle.read(bytes, filled, bytes.length - filled, position);
    } catch (error) {
      throw readFailure(this.name, error);
    }
  }
}

/** Why a Parquet file cannot be read on. FORMAT_INVALID. */
export function damaged(name: string, detail: string, cause?: unknown): IsovecError {
  return new IsovecError('FORMAT_INVALID', `${name} is damaged: ${detail}. Fetch or write the file again.`, {
    cause,
    data: { file: name },
  });
}
