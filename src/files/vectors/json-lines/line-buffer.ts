import { LONGEST_JSON_NUMBER, writeJsonNumber } from './write-json-number.js';

/** Small enough to be copied cheaply, large enough that a write of it costs nothing beside. */
const CHUNK_BYTES = 2 ** 20;

/** Most bytes of UTF-8 that a UTF-16 unit becomes. */
const BYTES_PER_UNIT = 3;

const COMMA = 0x2c;

/** Collects lines as bytes, in chunks rather than in one array that has to be moved to grow. */
export class LineBuffer {
  readonly #encoder = new TextEncoder();
  readonly #full: Uint8Array[] = [];
  #chunk = new Uint8Array(0);
  #at = 0;

  text(text: string): void {
    this.#reserve(text.length * BYTES_PER_UNIT);
    this.#at += this.#encoder.encodeInto(text, this.#chunk.subarray(this.#at)).written;
  }

  /** Finite values, with commas between them. */
  numbers(values: ArrayLike<number>): void {
    this.#reserve(values.length * (LONGEST_JSON_NUMBER + 1));
    const chunk = this.#chunk;
    let at = this.#at;
    for (let index = 0; index < values.length; index++) {
      if (index > 0) chunk[at++] = COMMA;
      at = writeJsonNumber(values[index] ?? 0, chunk, at);
    }
    this.#at = at;
  }

  /** The chunks so far, in order; nothing can be added after that. */
  chunks(): readonly Uint8Array[] {
    return [...this.#full, this.#chunk.subarray(0, this.#at)].filter((chunk) => chunk.byteLength > 0);
  }

  #reserve(bytes: number): void {
    if (this.#chunk.byteLength - this.#at >= bytes) return;
    this.#full.push(this.#chunk.subarray(0, this.#at));
    this.#chunk = new Uint8Array(Math.max(CHUNK_BYTES, bytes));
    this.#at = 0;
  }
}
