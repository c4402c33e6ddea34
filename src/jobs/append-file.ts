import { constants } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';

/** A file that grows at its end; what lies behind its known length is dropped when it is opened. */
export class AppendFile {
  readonly #handle: FileHandle;
  #length: number;

  private constructor(handle: FileHandle, length: number) {
    this.#handle = handle;
    this.#length = length;
  }

  /** Opens a file, or makes it, and cuts it to `length`; a shorter one gives undefined. */
  static async open(file: string, length: number): Promise<AppendFile | undefined> {
    const handle = await open(file, constants.O_RDWR | constants.O_CREAT, 0o666);
    try {
      const { size } = await handle.stat();
      if (size < length) {
        await handle.close();
        return undefined;
      }
      await handle.truncate(length);
      return new AppendFile(handle, length);
    } catch (error) {
      await handle.close();
      throw error;
    }
  }

  get length(): number {
    return this.#length;
  }

  /** Appends; the bytes are durable after {@link sync}. */
  async append(parts: readonly Uint8Array[]): Promise<void> {
    for (const part of parts) {
      await this.#write(part, this.#length);
      this.#length += part.byteLength;
    }
  }

  /** Replaces the first bytes. */
  overwriteStart(bytes: Uint8Array): Promise<void> {
    return this.#write(bytes, 0);
  }

  sync(): Promise<void> {
    return this.#handle.datasync();
  }

  close(): Promise<void> {
    return this.#handle.close();
  }

  async #write(bytes: Uint8Array, position: number): Promise<void> {
    for (let written = 0; written < bytes.byteLength;) {
      const step = await this.#handle.write(bytes, written, bytes.byteLength - written, position + written);
      written += step.bytesWritten;
    }
  }
}
