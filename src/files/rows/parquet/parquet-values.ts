import { isUtf8 } from 'node:buffer';
import { parseFloat16 } from 'hyparquet/src/convert.js';
import type { ParquetColumn } from './parquet-schema.js';

/** A value of a Parquet file that its column's type does not allow; its row is refused. */
export class BrokenValue {
  readonly rule: string;

  constructor(rule: string) {
    this.rule = rule;
  }
}

const NOT_UTF8 = new BrokenValue('is not UTF-8');
const OUT_OF_RANGE = new BrokenValue('is no timestamp of 64 bits');

/**
 * Turns physical values of a column (numbers, bigints, byte arrays) into those of its type. What a physical value
 * cannot be is a {@link BrokenValue}; null stays null.
 */
export function valueReader(column: ParquetColumn): (value: unknown) => unknown {
  const physical = column.element.type;
  const fixed = physical === 'FIXED_LEN_BYTE_ARRAY';
  if (column.type === 'string') return ofBytes(fixed ? uuid : text);
  if (column.type === 'binary') return ofBytes((bytes) => bytes);
  if (column.type === 'float32' && fixed) return ofBytes((bytes) => parseFloat16(bytes));
  // An unsigned integer of 32 bits is stored as a signed one.
  if (column.type === 'int64' && physical === 'INT32')
    return (value) => (typeof value === 'number' ? BigInt(value >>> 0) : value);
  if (physical === 'INT96') return (value) => (typeof value === 'bigint' ? nanoseconds(value) : value);
  return same;
}

/** Of a day of the Julian calendar in the upper 32 bits, and nanoseconds of the day in the lower 64. */
function nanoseconds(value: bigint): bigint | BrokenValue {
  const since = (BigInt.asIntN(32, value >> 64n) - 2440588n) * 86_400_000_000_000n + BigInt.asIntN(64, value);
  return BigInt.asIntN(64, since) === since ? since : OUT_OF_RANGE;
}

function same(value: unknown): unknown {
  return value;
}

function ofBytes(read: (bytes: Buffer) => unknown): (value: unknown) => unknown {
  return (value) =>
    value instanceof Uint8Array ? read(Buffer.from(value.buffer, value.byteOffset, value.byteLength)) : value;
}

function text(bytes: Buffer): string | BrokenValue {
  return isUtf8(bytes) ? bytes.toString('utf8') : NOT_UTF8;
}

function uuid(bytes: Buffer): string {
  return bytes.toString('hex').replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
}
