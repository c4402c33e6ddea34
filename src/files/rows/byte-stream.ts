import { addAbortSignal, type Readable } from 'node:stream';
import { abortError, throwIfAborted } from '../../shared/abort.js';
import { IsovecError, isIsovecError, systemErrorCode } from '../../shared/isovec-error.js';
import { compressionOf, decompress, isCompressionError } from './compression.js';
import { openInputFile, readFailure } from './open-input-file.js';

const READ_BYTES = 128 * 1024;

/** The bytes of a file or pipe from the beginning to the end, decompressed. */
export class ByteStream {
  readonly name: string;
  /** Bytes on disk; undefined for pipes. */
  readonly byteCount: number | undefined;
  readonly signal: AbortSignal | undefined;
  readonly #readable: Readable;
  #bytesRead = 0;
  #closed = false;

  private constructor(
    readable: Readable,
    name: string,
    byteCount: number | undefined,
    signal: AbortSignal | undefined,
  ) {
    this.name = name;
    this.byteCount = byteCount;
    this.signal = signal;
    this.#readable = signal === undefined ? readable : addAbortSignal(signal, readable);
    // A stream that fails before it is read must not end the process; reading it reports the error.
    readable.on('error', () => undefined);
  }

  /** INPUT_INVALID as {@link openInputFile}. */
  static async openFile(file: string, signal: AbortSignal | undefined): Promise<ByteStream> {
    throwIfAborted(signal);
    const { handle, byteCount } = await openInputFile(file);
    return new ByteStream(handle.createReadStream({ highWaterMark: READ_BYTES }), file, byteCount, signal);
  }

  static ofStream(stream: Readable, name: string, signal: AbortSignal | undefined): ByteStream {
    return new ByteStream(stream, name, undefined, signal);
  }

  /** Bytes that were read so far, before decompression. */
  get bytesRead(): number {
    return this.#bytesRead;
  }

  /**
   * The bytes in chunks as they come. FORMAT_INVALID for broken compression, INPUT_INVALID if reading fails, ABORTED,
   * CLOSED.
   */
  async *chunks(): AsyncGenerator<Buffer, void, undefined> {
    try {
      const raw = this.#raw();
      let head: Buffer = Buffer.alloc(0);
      let compression = compressionOf(head);
      while (compression === 'unknown') {
        const next = await raw.next();
        if (next.done === true) compression = 'none';
        else {
          head = head.length === 0 ? next.value : Buffer.concat([head, next.value]);
          compression = compressionOf(head);
        }
      }
      if (compression === 'none') {
        if (head.length > 0) yield head;
        yield* raw;
      } else {
        yield* decompress(compression, withHead(head, raw), this.name);
      }
    } catch (error) {
      throw this.#failure(error);
    }
  }

  /** Idempotent. */
  async close(): Promise<void> {
    this.#closed = true;
    this.#readable.destroy();
    // A read of a pipe cannot be called off, and must not hold up the end.
    if (this.byteCount === undefined || this.#readable.closed) return;
    await new Promise<void>((resolve) => {
      this.#readable.once('close', () => {
        resolve();
      });
    });
  }

  async *#raw(): AsyncGenerator<Buffer, void, undefined> {
    for await (const chunk of this.#readable) {
      const bytes = toBuffer(chunk);
      this.#bytesRead += bytes.length;
      yield bytes;
    }
  }

  #failure(error: unknown): IsovecError {
    if (this.signal?.aborted === true) return abortError(this.signal);
    if (isIsovecError(error)) return error;
    if (this.#closed) return new IsovecError('CLOSED', `${this.name} was closed while it was read.`, { cause: error });
    const code = systemErrorCode(error) ?? '';
    if (!isCompressionError(code)) return readFailure(this.name, error);
    const rule = code === 'Z_BUF_ERROR' ? 'is compressed data that ends too early' : 'holds broken compressed data';
    return new IsovecError('FORMAT_INVALID', `${this.name} ${rule} (${code}). Fetch or compress the file again.`, {
      cause: error,
      data: { file: this.name },
    });
  }
}

async function* withHead(head: Buffer, rest: AsyncGenerator<Buffer>): AsyncGenerator<Buffer, void, undefined> {
  yield head;
  yield* rest;
}

function toBuffer(chunk: unknown): Buffer {
  if (Buffer.isBuffer(chunk)) return chunk;
  if (chunk instanceof Uint8Array) return Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength);
  return Buffer.from(String(chunk));
}
