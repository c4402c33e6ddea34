import { Builder } from 'flatbuffers';

import { type Precision, rowLength } from '../../../vector/index.js';
import type { Column, ColumnType } from '../../column.js';
import { LIST_PATH } from './parquet-schema.js';

/** Numbers of Message.fbs and Schema.fbs. */
const VERSION_5 = 4;
const SCHEMA_MESSAGE = 1;
const KINDS = { int: 2, float: 3, binary: 4, utf8: 5, bool: 6, date: 8, timestamp: 10, fixedSizeList: 16 } as const;
const FLOAT_BITS = { 32: 1, 64: 2 } as const;
const DAYS = 0;
const TIME_UNITS = { 'timestamp-ms': 1, 'timestamp-us': 2, 'timestamp-ns': 3 } as const;

/** What precedes a message in a stream: this mark, and its length in a multiple of eight. */
const CONTINUATION = 0xffffffff;
const PREFIX_BYTES = 8;
const ALIGNMENT = 8;

/** A type that is written: its number in the union of types, and where its table lies. */
interface WrittenType {
  readonly kind: number;
  readonly table: number;
}

/**
 * The Arrow schema of a file as the message that Arrow's own writers keep under the key `ARROW:schema`, base64. It tells
 * what the Parquet schema cannot: that all vectors have the same length. Source: Arrow columnar format, Schema.fbs and
 * Message.fbs of format version 5.
 */
export function arrowSchema(
  columns: readonly Column[],
  vectorColumn: string,
  precision: Precision,
  dimensions: number,
): string {
  const builder = new Builder(1024);
  const fields = columns.map((column) => field(builder, column.name, true, columnType(builder, column)));
  const element = field(builder, LIST_PATH[1], false, elementType(builder, precision));
  const list = table(builder, 1, () => {
    builder.addFieldInt32(0, rowLength(precision, dimensions), 0);
  });
  fields.push(field(builder, vectorColumn, false, { kind: KINDS.fixedSizeList, table: list }, [element]));
  const fieldVector = offsets(builder, fields);
  const schema = table(builder, 4, () => {
    builder.addFieldOffset(1, fieldVector, 0);
  });
  const message = table(builder, 5, () => {
    builder.addFieldInt16(0, VERSION_5, 0);
    builder.addFieldInt8(1, SCHEMA_MESSAGE, 0);
    builder.addFieldOffset(2, schema, 0);
  });
  builder.finish(message);
  return Buffer.from(framed(builder.asUint8Array())).toString('base64');
}

function framed(message: Uint8Array): Uint8Array {
  const length = Math.ceil(message.byteLength / ALIGNMENT) * ALIGNMENT;
  const bytes = new Uint8Array(PREFIX_BYTES + length);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, CONTINUATION, true);
  view.setUint32(4, length, true);
  bytes.set(message, PREFIX_BYTES);
  return bytes;
}

function field(
  builder: Builder,
  name: string,
  nullable: boolean,
  type: WrittenType,
  children: readonly number[] = [],
): number {
  const nameAt = builder.createString(name);
  // Readers want the vector of children even where there are none.
  const childrenAt = offsets(builder, children);
  return table(builder, 7, () => {
    builder.addFieldOffset(0, nameAt, 0);
    builder.addFieldInt8(1, nullable ? 1 : 0, 0);
    builder.addFieldInt8(2, type.kind, 0);
    builder.addFieldOffset(3, type.table, 0);
    builder.addFieldOffset(5, childrenAt, 0);
  });
}

function elementType(builder: Builder, precision: Precision): WrittenType {
  if (precision === 'float32') return float(builder, 32);
  return integer(builder, 8, precision === 'int8' || precision === 'binary');
}

function columnType(builder: Builder, { type, utc }: Column): WrittenType {
  switch (type) {
    case 'boolean':
      return { kind: KINDS.bool, table: table(builder, 0) };
    case 'int32':
      return integer(builder, 32, true);
    case 'int64':
      return integer(builder, 64, true);
    case 'float32':
      return float(builder, 32);
    case 'float64':
      return float(builder, 64);
    case 'string':
    case 'json':
      return { kind: KINDS.utf8, table: table(builder, 0) };
    case 'binary':
      return { kind: KINDS.binary, table: table(builder, 0) };
    case 'date': {
      // Milliseconds are the default: days must be written.
      const date = table(builder, 1, () => {
        builder.addFieldInt16(0, DAYS, 1);
      });
      return { kind: KINDS.date, table: date };
    }
    case 'timestamp-ms':
    case 'timestamp-us':
    case 'timestamp-ns':
      return timestamp(builder, type, utc === true);
  }
}

function timestamp(builder: Builder, type: Extract<ColumnType, keyof typeof TIME_UNITS>, utc: boolean): WrittenType {
  const zone = utc ? builder.createString('UTC') : 0;
  const at = table(builder, 2, () => {
    builder.addFieldInt16(0, TIME_UNITS[type], 0);
    builder.addFieldOffset(1, zone, 0);
  });
  return { kind: KINDS.timestamp, table: at };
}

function integer(builder: Builder, bits: number, signed: boolean): WrittenType {
  const at = table(builder, 2, () => {
    builder.addFieldInt32(0, bits, 0);
    builder.addFieldInt8(1, signed ? 1 : 0, 0);
  });
  return { kind: KINDS.int, table: at };
}

function float(builder: Builder, bits: keyof typeof FLOAT_BITS): WrittenType {
  const at = table(builder, 1, () => {
    builder.addFieldInt16(0, FLOAT_BITS[bits], 0);
  });
  return { kind: KINDS.float, table: at };
}

function table(builder: Builder, slots: number, fill?: () => void): number {
  builder.startObject(slots);
  fill?.();
  return builder.endObject();
}

/** A vector of tables; flatbuffers are written from the back. */
function offsets(builder: Builder, tables: readonly number[]): number {
  builder.startVector(4, tables.length, 4);
  for (const at of tables.toReversed()) builder.addOffset(at);
  return builder.endVector();
}
