import { isUtf8 } from 'node:buffer';

/** Checks a stream for UTF-8 chunk by chunk; holds three bytes at most. */
export class Utf8Check {
  /** The beginning of a character whose rest is yet to come. */
  #open: Buffer = Buffer.alloc(0);
  /** Offset in the stream of the first byte that is not checked yet. */
  #offset = 0;

  /** Offset in the stream of the first byte that cannot belong to UTF-8; undefined if there is none so far. */
  push(chunk: Buffer): number | undefined {
    const bytes = this.#open.length === 0 ? chunk : Buffer.concat([this.#open, chunk]);
    const complete = bytes.subarray(0, bytes.length - openBytes(bytes));
    if (!isUtf8(complete)) return this.#offset + invalidUtf8Offset(complete);
    this.#open = Buffer.from(bytes.subarray(complete.length));
    this.#offset += complete.length;
    return undefined;
  }

  /** As {@link push}, for the end of the stream: a character that is not complete. */
  end(): number | undefined {
    return this.#open.length === 0 ? undefined : this.#offset;
  }
}

/** Where the first character begins that is not UTF-8; the length if all of them are. */
export function invalidUtf8Offset(bytes: Uint8Array): number {
  let valid = 0;
  let end = bytes.length;
  // Invariant: the first `valid` bytes are UTF-8, and the first invalid character begins before `end`.
  while (valid < end) {
    let middle = valid + Math.floor((end - valid) / 2);
    middle -= openBytes(bytes.subarray(valid, middle));
    if (middle === valid) {
      const length = characterLength(bytes[valid] ?? 0);
      if (valid + length > bytes.length || !isUtf8(bytes.subarray(valid, valid + length))) return valid;
      valid += length;
    } else if (isUtf8(bytes.subarray(valid, middle))) valid = middle;
    else end = middle;
  }
  return valid;
}

/** Bytes at the end that begin a character but do not complete it. */
function openBytes(bytes: Uint8Array): number {
  for (let back = 1; back <= Math.min(3, bytes.length); back++) {
    const byte = bytes[bytes.length - back] ?? 0;
    if ((byte & 0xc0) === 0x80) continue;
    return characterLength(byte) > back ? back : 0;
  }
  return 0;
}

/** Bytes of a character by its first one. */
function characterLength(first: number): number {
  return first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : first >= 0xc0 ? 2 : 1;
}
