import type { ParquetType } from 'hyparquet';
import { deltaBinaryUnpack } from 'hyparquet/src/delta.js';
import { byteStreamSplit } from 'hyparquet/src/encoding.js';
import { readPlain } from 'hyparquet/src/plain.js';
import { readHybrid } from './read-hybrid.js';

/** How the values of a column are stored. */
export interface PhysicalType {
  readonly type: ParquetType;
  /** Of FIXED_LEN_BYTE_ARRAY. */
  readonly length: number | undefined;
}

interface Reader {
  readonly view: DataView;
  offset: number;
}

/**
 * Exactly `count` values of an encoding without a dictionary, as they are stored. Throws when the bytes end first; no
 * more than `maxBytes` are unpacked.
 */
export function readPhysicalValues(
  bytes: Uint8Array,
  encoding: string | undefined,
  { type, length }: PhysicalType,
  count: number,
  maxBytes: number,
): unknown[] {
  if (count === 0) return [];
  const reader: Reader = { view: new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength), offset: 0 };
  switch (encoding ?? '') {
    case 'PLAIN': {
      const values = Array.from<unknown>(readPlain(reader, type, count, length));
      if (reader.offset > bytes.length) throw new Error('a page ends within its values');
      return values;
    }
    case 'RLE':
      // Of booleans only, behind the length of the data.
      if (type !== 'BOOLEAN') break;
      return Array.from(readHybrid(bytes.subarray(4), 1, count), (value) => value === 1);
    case 'BYTE_STREAM_SPLIT':
      return Array.from<unknown>(byteStreamSplit(reader, count, type, length));
    case 'DELTA_BINARY_PACKED':
      if (type !== 'INT32' && type !== 'INT64') break;
      return Array.from<unknown>(
        unpackDelta(reader, type === 'INT32' ? new Int32Array(count) : new BigInt64Array(count)),
      );
    case 'DELTA_LENGTH_BYTE_ARRAY':
      return readSlices(reader, unpackDelta(reader, new Int32Array(count)));
    case 'DELTA_BYTE_ARRAY': {
      const prefixes = unpackDelta(reader, new Int32Array(count));
      return withPrefixes(prefixes, readSlices(reader, unpackDelta(reader, new Int32Array(count))), maxBytes);
    }
  }
  throw new Error(`the encoding ${encoding ?? 'of a page'} of ${type} is not known`);
}

function unpackDelta<Values extends Int32Array | BigInt64Array>(reader: Reader, values: Values): Values {
  deltaBinaryUnpack(reader, values.length, values);
  return values;
}

function readSlices(reader: Reader, lengths: Int32Array): Uint8Array[] {
  const { buffer, byteOffset, byteLength } = reader.view;
  return Array.from(lengths, (length) => {
    if (length < 0 || reader.offset + length > byteLength) throw new Error('a page ends within its values');
    const slice = new Uint8Array(buffer, byteOffset + reader.offset, length);
    reader.offset += length;
    return slice;
  });
}

/** Values that each begin as the one before does. A short page can unpack to any size so (CWE-409). */
function withPrefixes(prefixes: Int32Array, suffixes: readonly Uint8Array[], maxBytes: number): Uint8Array[] {
  let before = new Uint8Array(0);
  let total = 0;
  return suffixes.map((suffix, index) => {
    const prefix = prefixes[index] ?? 0;
    if (prefix < 0 || prefix > before.length) throw new Error('a value begins like more than the one before it has');
    const value = new Uint8Array(prefix + suffix.length);
    total += value.length;
    if (total > maxBytes) throw new Error(`a page unpacks to more than ${maxBytes} bytes`);
    value.set(before.subarray(0, prefix));
    value.set(suffix, prefix);
    before = value;
    return value;
  });
}
