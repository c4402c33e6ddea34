import { IsovecError } from '../../shared/isovec-error.js';

const NEWLINE = 0x0a;

/**
 * Cuts a stream of bytes into lines. PROVIDER_BAD_RESPONSE for a line beyond the limit, which is not kept (CWE-770):
 * what follows cannot be trusted any more.
 */
export class BridgeLines {
  readonly #limit: number;
  #parts: Buffer[] = [];
  #length = 0;

  constructor(limit: number) {
    this.#limit = limit;
  }

  /** The lines that are whole with this part, without their ends. */
  push(part: Buffer): string[] {
    const lines: string[] = [];
    let begin = 0;
    for (let end = part.indexOf(NEWLINE); end >= 0; end = part.indexOf(NEWLINE, begin)) {
      this.#keep(part.subarray(begin, end));
      lines.push(Buffer.concat(this.#parts, this.#length).toString('utf8'));
      this.#parts = [];
      this.#length = 0;
      begin = end + 1;
    }
    this.#keep(part.subarray(begin));
    return lines;
  }

  #keep(part: Buffer): void {
    this.#length += part.length;
    if (this.#length > this.#limit) {
      this.#parts = [];
      throw new IsovecError(
        'PROVIDER_BAD_RESPONSE',
        `The Python bridge sent a line of more than ${this.#limit} bytes.`,
      );
    }
    if (part.length > 0) this.#parts.push(part);
  }
}
