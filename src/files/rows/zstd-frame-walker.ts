const FRAME_MAGIC = 0xfd2fb528;
const SKIPPABLE_MAGIC = 0x184d2a50;
const DICTIONARY_BYTES = [0, 1, 2, 4] as const;
const CONTENT_SIZE_BYTES = [0, 2, 4, 8] as const;

/** What the next bytes are. */
type Part = 'magic' | 'skippable size' | 'descriptor' | 'block';

/** Bytes of the parts that have to be looked at. */
const PART_BYTES: Readonly<Record<Part, number>> = { magic: 4, 'skippable size': 4, descriptor: 1, block: 3 };

/**
 * Finds where frames of zstd end, without decompressing (RFC 8878, 3.1: a header, blocks that each say their size, and
 * a checksum).
 */
export class ZstdFrameWalker {
  #part: Part = 'magic';
  #bytes: number[] = [];
  /** Bytes of no interest before the next part. */
  #skip = 0;
  #checksum = false;
  /** Whether the frame ends after the bytes to skip. */
  #last = false;

  /** Offset behind the first frame that ends in this chunk, and behind which the next call goes on. */
  push(chunk: Uint8Array): number | undefined {
    for (let offset = 0; offset < chunk.length;) {
      if (this.#skip > 0) {
        const count = Math.min(this.#skip, chunk.length - offset);
        this.#skip -= count;
        offset += count;
      } else {
        this.#bytes.push(chunk[offset++] ?? 0);
        if (this.#bytes.length === PART_BYTES[this.#part]) this.#read(this.#bytes.splice(0));
      }
      if (this.#last && this.#skip === 0) {
        this.#last = false;
        this.#part = 'magic';
        return offset;
      }
    }
    return undefined;
  }

  /** Throws, with the code of zlib, unless the bytes ended with a frame. */
  end(): void {
    if (this.#part !== 'magic' || this.#bytes.length > 0) throw coded('Z_BUF_ERROR', 'the data ends within a frame');
  }

  #read(bytes: readonly number[]): void {
    const value = bytes.reduce((sum, byte, index) => sum + byte * 2 ** (8 * index), 0);
    switch (this.#part) {
      case 'magic':
        if (value === FRAME_MAGIC) this.#part = 'descriptor';
        else if (value - (value % 16) === SKIPPABLE_MAGIC) this.#part = 'skippable size';
        else throw coded('ZSTD_error_prefix_unknown', 'this is no frame of zstd');
        break;
      case 'skippable size':
        this.#skip = value;
        this.#last = true;
        break;
      case 'descriptor': {
        const single = (value & 0x20) !== 0;
        const contentSize = CONTENT_SIZE_BYTES[value >>> 6] ?? 0;
        this.#checksum = (value & 0x04) !== 0;
        this.#skip =
          (single ? 0 : 1) + (DICTIONARY_BYTES[value & 3] ?? 0) + (single ? Math.max(1, contentSize) : contentSize);
        this.#part = 'block';
        break;
      }
      case 'block':
        // A block of one byte repeated has this byte only; its size is that of what it stands for.
        this.#skip = ((value >>> 1) & 3) === 1 ? 1 : value >>> 3;
        this.#last = (value & 1) === 1;
        if (this.#last && this.#checksum) this.#skip += 4;
        break;
    }
  }
}

function coded(code: string, message: string): Error {
  return Object.assign(new Error(message), { code });
}
