import { byteStreamSplit, readRleBitPackedHybrid } from 'hyparquet/src/encoding.js';
import { hostBytes } from '../../../../formats/little-endian.js';
import type { PageParts } from './page-parts.js';

/** `count` float32 values as Parquet's encoding PLAIN stores them: a view where the bytes are aligned. Throws if they are fewer. */
export function plainFloats(bytes: Uint8Array, count: number): Float32Array {
  const length = count * Float32Array.BYTES_PER_ELEMENT;
  if (!(length <= bytes.byteLength)) throw new Error(`a page holds fewer than ${count} values`);
  const { buffer, byteOffset } = hostBytes(bytes.subarray(0, length), Float32Array.BYTES_PER_ELEMENT);
  return new Float32Array(buffer, byteOffset, count);
}

/** The values of a data page without nulls, whatever their encoding. Throws for encodings that no float32 has. */
export function pageFloats({ count, encoding, values }: PageParts, dictionary: Float32Array | undefined): Float32Array {
  if (encoding === 'PLAIN') return plainFloats(values, count);
  if (encoding === 'PLAIN_DICTIONARY' || encoding === 'RLE_DICTIONARY') {
    return dictionaryFloats(values, count, dictionary);
  }
  if (encoding === 'BYTE_STREAM_SPLIT') {
    const decoded = byteStreamSplit(readerOf(values), count, 'FLOAT', undefined);
    if (decoded instanceof Float32Array) return decoded;
  }
  throw new Error(`float32 values are encoded as ${encoding}`);
}

function dictionaryFloats(values: Uint8Array, count: number, dictionary: Float32Array | undefined): Float32Array {
  if (dictionary === undefined) throw new Error('a page needs a dictionary, and there is none before it');
  const reader = readerOf(values);
  const bits = reader.view.getUint8(reader.offset++);
  const indices = new Uint32Array(count);
  // Of one entry, the indices take no bits.
  if (bits > 0) readRleBitPackedHybrid(reader, bits, indices, values.byteLength - 1);
  const floats = new Float32Array(count);
  for (let i = 0; i < count; i++) {
    const value = dictionary[indices[i] ?? 0];
    if (value === undefined) throw new Error('a page names a value that its dictionary does not have');
    floats[i] = value;
  }
  return floats;
}

function readerOf(bytes: Uint8Array): { readonly view: DataView; offset: number } {
  return { view: new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength), offset: 0 };
}
