import type { Column, ColumnType, ColumnValue } from '../../column.js';
import { columnValueError, wrongKindError } from '../column-value-error.js';

const DAY = 86_400_000;

/** The last moment that Date has, in milliseconds since 1970 (ECMA-262, 21.4.1.1). */
const LAST_MOMENT = 8_640_000_000_000_000;

type TimestampType = Extract<ColumnType, `timestamp-${string}`>;

/** Units in a millisecond. */
const UNITS: Readonly<Record<TimestampType, bigint>> = {
  'timestamp-ms': 1n,
  'timestamp-us': 1_000n,
  'timestamp-ns': 1_000_000n,
};

/**
 * A value of a column as JSON: int64 with all its digits, bytes as base64, dates and timestamps in ISO 8601, timestamps
 * of the clock on a wall without a zone. INPUT_INVALID, naming row and column, for a value of another kind, and for
 * what JSON cannot say: NaN, infinities, dates beyond the year 275760.
 */
export function columnJson(column: Column, value: ColumnValue, row: number): string {
  if (value === null || value === undefined) return 'null';
  switch (column.type) {
    case 'boolean':
      if (typeof value !== 'boolean') break;
      return String(value);
    case 'int32':
    case 'float32':
    case 'float64':
      if (typeof value !== 'number') break;
      if (!Number.isFinite(value)) throw columnValueError(column, row, `JSON has no word for ${value}`);
      return Object.is(value, -0) ? '-0' : String(value);
    case 'int64':
      if (typeof value !== 'bigint') break;
      return String(value);
    case 'string':
      if (typeof value !== 'string') break;
      return JSON.stringify(value);
    case 'binary':
      if (!(value instanceof Uint8Array)) break;
      return `"${Buffer.from(value.buffer, value.byteOffset, value.byteLength).toString('base64')}"`;
    case 'date':
      if (typeof value !== 'number' || !Number.isInteger(value)) break;
      return `"${isoMoment(column, value * DAY, row).replace(/T.*$/, '')}"`;
    case 'timestamp-ms':
    case 'timestamp-us':
    case 'timestamp-ns':
      if (typeof value !== 'bigint') break;
      return `"${isoTimestamp(column, column.type, value, row)}"`;
    case 'json':
      return JSON.stringify(value);
  }
  throw wrongKindError(column, row, value);
}

function isoTimestamp(column: Column, type: TimestampType, value: bigint, row: number): string {
  const units = UNITS[type];
  // Rounded down, so that the fraction is never negative.
  const fraction = ((value % units) + units) % units;
  const moment = isoMoment(column, Number((value - fraction) / units), row).slice(0, -1);
  const digits = units === 1n ? '' : String(fraction).padStart(String(units).length - 1, '0');
  return `${moment}${digits}${column.utc === true ? 'Z' : ''}`;
}

/** ISO 8601 with milliseconds and `Z`. */
function isoMoment(column: Column, milliseconds: number, row: number): string {
  if (Math.abs(milliseconds) > LAST_MOMENT) {
    throw columnValueError(column, row, `the ${column.type} lies beyond what ISO 8601 writes`);
  }
  return new Date(milliseconds).toISOString();
}
