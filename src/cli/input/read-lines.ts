import { addAbortSignal, type Readable } from 'node:stream';
import { abortError } from '../../shared/abort.js';
import { IsovecError } from '../../shared/isovec-error.js';

/** Longest line: every model cuts a text long before; a file without line ends must not fill the memory (CWE-400). */
const MAX_LINE_BYTES = 16 * 1024 * 1024;
const NEWLINE = 0x0a;
const BYTE_ORDER_MARK = [0xef, 0xbb, 0xbf];

/**
 * The lines of a UTF-8 stream, one at a time. `\n` and `\r\n` end a line, a byte order mark at the beginning is
 * skipped, an empty line is an empty text, and the end of the last line may be left out. INPUT_INVALID with the byte
 * offset for bytes that are not UTF-8; INPUT_TOO_LONG for a line beyond 16 MiB; ABORTED.
 */
export async function* readLines(stream: Readable, signal: AbortSignal): AsyncGenerator<string, void, undefined> {
  const lines = new LineSplitter();
  try {
    for await (const chunk of addAbortSignal(signal, stream)) {
      // A stream without an encoding gives bytes.
      yield* lines.push(chunk as Uint8Array);
    }
  } catch (error) {
    if (signal.aborted) throw abortError(signal);
    throw error;
  }
  yield* lines.end();
}

class LineSplitter {
  readonly #decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
  #pieces: Uint8Array[] = [];
  #length = 0;
  /** Offset of the line in the input, and its number. */
  #offset = 0;
  #number = 1;

  *push(chunk: Uint8Array): Generator<string> {
    let begin = 0;
    for (let end = chunk.indexOf(NEWLINE); end >= 0; end = chunk.indexOf(NEWLINE, begin)) {
      this.#add(chunk.subarray(begin, end));
      yield this.#take(1);
      begin = end + 1;
    }
    // The stream may use its buffer again.
    if (begin < chunk.length) this.#add(chunk.slice(begin));
  }

  *end(): Generator<string> {
    if (this.#length > 0) yield this.#take(0);
  }

  #add(piece: Uint8Array): void {
    this.#pieces.push(piece);
    this.#length += piece.length;
    if (this.#length > MAX_LINE_BYTES) {
      throw new IsovecError(
        'INPUT_TOO_LONG',
        `Line ${this.#number} of standard input is longer than ${MAX_LINE_BYTES} bytes. Texts are one a line: is this a text file?`,
        { data: { line: this.#number } },
      );
    }
  }

  #take(terminatorBytes: number): string {
    const [first] = this.#pieces;
    const bytes = this.#pieces.length === 1 && first !== undefined ? first : Buffer.concat(this.#pieces);
    const mark = this.#offset === 0 && BYTE_ORDER_MARK.every((byte, index) => bytes[index] === byte);
    const text = this.#decode(mark ? bytes.subarray(BYTE_ORDER_MARK.length) : bytes, mark);
    this.#pieces = [];
    this.#offset += this.#length + terminatorBytes;
    this.#length = 0;
    this.#number++;
    return text.endsWith('\r') ? text.slice(0, -1) : text;
  }

  #decode(bytes: Uint8Array, afterMark: boolean): string {
    try {
      return this.#decoder.decode(bytes);
    } catch (cause) {
      const offset = this.#offset + (afterMark ? BYTE_ORDER_MARK.length : 0) + validPrefix(bytes);
      throw new IsovecError(
        'INPUT_INVALID',
        `Standard input is not UTF-8 at byte ${offset} (line ${this.#number}). Convert it first, for example with iconv.`,
        { cause, data: { offset, line: this.#number } },
      );
    }
  }
}

/** How many bytes before the first sequence that is not UTF-8. */
function validPrefix(bytes: Uint8Array): number {
  let valid = 0;
  let invalid = bytes.length + 1;
  // A prefix that ends inside a character passes: only what cannot be continued is refused.
  while (invalid - valid > 1) {
    const middle = Math.floor((valid + invalid) / 2);
    if (decodePrefix(bytes.subarray(0, middle)) === undefined) invalid = middle;
    else valid = middle;
  }
  return Buffer.byteLength(decodePrefix(bytes.subarray(0, valid)) ?? '');
}

function decodePrefix(bytes: Uint8Array): string | undefined {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes, { stream: true });
  } catch {
    return undefined;
  }
}
