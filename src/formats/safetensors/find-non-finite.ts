import { hostBytes } from '../little-endian.js';
import type { SafetensorsDtype } from './tensor-info.js';

/** An element that is not a finite number. */
export interface NonFinite {
  /** Position in row-major order. */
  readonly index: number;
  readonly value: 'NaN' | 'Infinity' | '-Infinity';
}

/** How a floating-point type is looked at: signed words, the most significant of each element holding its exponent. */
interface FloatLayout {
  readonly wordBytes: 2 | 4;
  readonly wordsPerElement: 1 | 2;
  /** Exponent bits of the most significant word; all set means infinite or NaN (IEEE 754-2019, 3.4). */
  readonly exponent: number;
  /** Fraction bits of the most significant word. */
  readonly fraction: number;
}

const LAYOUTS: Readonly<Partial<Record<SafetensorsDtype, FloatLayout>>> = {
  F32: { wordBytes: 4, wordsPerElement: 1, exponent: 0x7f800000, fraction: 0x7fffff },
  F64: { wordBytes: 4, wordsPerElement: 2, exponent: 0x7ff00000, fraction: 0xfffff },
  F16: { wordBytes: 2, wordsPerElement: 1, exponent: 0x7c00, fraction: 0x3ff },
  BF16: { wordBytes: 2, wordsPerElement: 1, exponent: 0x7f80, fraction: 0x7f },
};

/** Bytes looked at in one go, a multiple of every element size: keeps the copy that unaligned input needs small. */
const CHUNK_BYTES = 1 << 20;

/**
 * The first element of a tensor's little-endian bytes that is NaN or infinite, or undefined. Integer types hold no such
 * element. Only exponents are looked at, so a whole checkpoint takes tens of milliseconds; a rest of fewer bytes than
 * an element is ignored.
 */
export function findNonFinite(bytes: Uint8Array, dtype: SafetensorsDtype): NonFinite | undefined {
  const layout = LAYOUTS[dtype];
  if (layout === undefined) return undefined;
  const elementBytes = layout.wordBytes * layout.wordsPerElement;
  const usable = bytes.byteLength - (bytes.byteLength % elementBytes);
  for (let begin = 0; begin < usable; begin += CHUNK_BYTES) {
    const chunk = hostBytes(bytes.subarray(begin, Math.min(begin + CHUNK_BYTES, usable)), layout.wordBytes);
    const length = chunk.byteLength / layout.wordBytes;
    // Two functions, so that the compiler sees one array type in each loop.
    const found =
      layout.wordBytes === 4
        ? findInWords32(new Int32Array(chunk.buffer, chunk.byteOffset, length), layout)
        : findInWords16(new Int16Array(chunk.buffer, chunk.byteOffset, length), layout);
    if (found !== undefined) return { index: begin / elementBytes + found.index, value: found.value };
  }
  return undefined;
}

function findInWords32(words: Int32Array, { wordsPerElement, exponent, fraction }: FloatLayout): NonFinite | undefined {
  for (let i = wordsPerElement - 1; i < words.length; i += wordsPerElement) {
    const word = words[i] ?? 0;
    if ((word & exponent) === exponent) {
      const lowFraction = wordsPerElement === 2 ? (words[i - 1] ?? 0) : 0;
      return {
        index: (i - wordsPerElement + 1) / wordsPerElement,
        value: kindOf(word, (word & fraction) | lowFraction),
      };
    }
  }
  return undefined;
}

function findInWords16(words: Int16Array, { exponent, fraction }: FloatLayout): NonFinite | undefined {
  for (let i = 0; i < words.length; i++) {
    const word = words[i] ?? 0;
    if ((word & exponent) === exponent) return { index: i, value: kindOf(word, word & fraction) };
  }
  return undefined;
}

function kindOf(word: number, fraction: number): NonFinite['value'] {
  if (fraction !== 0) return 'NaN';
  return word < 0 ? '-Infinity' : 'Infinity';
}
