const NEWLINE = 0x0a;
const CARRIAGE_RETURN = 0x0d;
const BYTE_ORDER_MARK = Buffer.from([0xef, 0xbb, 0xbf]);

/** A line of a stream, without its end. */
export interface Line {
  /** From 1. */
  readonly number: number;
  /** Offset of the first byte in the stream. */
  readonly offset: number;
  readonly byteLength: number;
  /** Undefined for a line that is longer than the limit. */
  readonly bytes: Buffer | undefined;
}

/**
 * Cuts chunks of bytes into lines, however they are chunked. `\n` and `\r\n` end a line, a byte order mark at the
 * beginning is skipped, and the end of the last line may be left out. A line beyond the limit is counted, not kept: a
 * file without line ends must not fill the memory (CWE-400).
 */
export class LineSplitter {
  readonly #maxBytes: number;
  #pieces: Buffer[] = [];
  /** Bytes of the line so far, those in `#pieces` and those that were dropped. */
  #length = 0;
  #offset = 0;
  #number = 1;
  /** The last byte of the line so far. */
  #last = -1;

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  /** The lines that end in this chunk. */
  push(chunk: Buffer): Line[] {
    const lines: Line[] = [];
    let begin = 0;
    for (let end = chunk.indexOf(NEWLINE); end >= 0; end = chunk.indexOf(NEWLINE, begin)) {
      this.#add(chunk.subarray(begin, end));
      lines.push(this.#take(1));
      begin = end + 1;
    }
    // A copy: the chunk is not kept for the sake of its end, and the stream may use it again.
    if (begin < chunk.length) this.#add(Buffer.from(chunk.subarray(begin)));
    return lines;
  }

  /** The line that the stream ends with, if it has no end of its own. */
  end(): Line[] {
    return this.#length > 0 ? [this.#take(0)] : [];
  }

  #add(piece: Buffer): void {
    if (piece.length === 0) return;
    this.#length += piece.length;
    this.#last = piece[piece.length - 1] ?? -1;
    // The mark and the carriage return belong to the limit of no line.
    if (this.#length > this.#maxBytes + BYTE_ORDER_MARK.length + 1) this.#pieces = [];
    else this.#pieces.push(piece);
  }

  #take(terminatorBytes: number): Line {
    const [first] = this.#pieces;
    const kept = this.#pieces.length === 1 && first !== undefined ? first : Buffer.concat(this.#pieces);
    const whole = kept.length === this.#length;
    const mark = this.#offset === 0 && kept.subarray(0, 3).equals(BYTE_ORDER_MARK) ? BYTE_ORDER_MARK.length : 0;
    const end = this.#length - (this.#last === CARRIAGE_RETURN ? 1 : 0);
    const byteLength = end - mark;
    const line: Line = {
      number: this.#number++,
      offset: this.#offset + mark,
      byteLength,
      bytes: whole && byteLength <= this.#maxBytes ? kept.subarray(mark, end) : undefined,
    };
    this.#offset += this.#length + terminatorBytes;
    this.#pieces = [];
    this.#length = 0;
    this.#last = -1;
    return line;
  }
}
