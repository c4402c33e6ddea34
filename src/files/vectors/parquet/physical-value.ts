import type { Column, ColumnValue } from '../../column.js';
import { columnValueError, wrongKindError } from '../column-value-error.js';
import { LONE_SURROGATE } from '../../../shared/lone-surrogate.js';

/** What Parquet stores of a value. */
export type PhysicalValue = boolean | number | bigint | string | Uint8Array | null;

const INT32_LIMIT = 2 ** 31;
const INT64_LIMIT = 2n ** 63n;

/**
 * A value of a column as Parquet stores it, without loss. INPUT_INVALID, naming row and column, for a value of another
 * kind or beyond its type, and for text that UTF-8 cannot hold.
 */
export function physicalValue(column: Column, value: ColumnValue, row: number): PhysicalValue {
  if (value === null || value === undefined) return null;
  switch (column.type) {
    case 'boolean':
      if (typeof value !== 'boolean') break;
      return value;
    case 'int32':
    case 'date':
      if (typeof value !== 'number') break;
      if (!Number.isInteger(value) || value < -INT32_LIMIT || value >= INT32_LIMIT) {
        throw columnValueError(column, row, 'the number is no integer of 32 bits');
      }
      return value;
    case 'int64':
    case 'timestamp-ms':
    case 'timestamp-us':
    case 'timestamp-ns':
      if (typeof value !== 'bigint') break;
      if (value < -INT64_LIMIT || value >= INT64_LIMIT) {
        throw columnValueError(column, row, 'the number is no integer of 64 bits');
      }
      return value;
    case 'float32':
      if (typeof value !== 'number') break;
      if (!Object.is(Math.fround(value), value)) {
        throw columnValueError(column, row, 'the number would lose digits as float32');
      }
      return value;
    case 'float64':
      if (typeof value !== 'number') break;
      return value;
    case 'string':
      if (typeof value !== 'string') break;
      if (LONE_SURROGATE.test(value)) {
        throw columnValueError(column, row, 'the text is not valid Unicode (a lone surrogate)');
      }
      return value;
    case 'binary':
      if (!(value instanceof Uint8Array)) break;
      return value;
    case 'json':
      // JSON.stringify escapes lone surrogates.
      return new TextEncoder().encode(JSON.stringify(value));
  }
  throw wrongKindError(column, row, value);
}
