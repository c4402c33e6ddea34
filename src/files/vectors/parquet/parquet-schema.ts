import type { SchemaElement, TimeUnit } from 'hyparquet';

import type { Precision } from '../../../vector/index.js';
import type { Column, ColumnType } from '../../column.js';

/** Path of the vectors' values below their column, as the format wants lists written. */
export const LIST_PATH: readonly [list: string, element: string] = ['list', 'element'];

type TypeOfElement = Omit<SchemaElement, 'name' | 'repetition_type'>;

/**
 * Element type of the vectors by precision. Packed bits are integers of eight bits. The logical type INTEGER would say
 * the same as the converted type; it is left out because the library writes its width as a number of another size than
 * the format has, which strict readers refuse.
 */
const ELEMENTS: Readonly<Record<Precision, TypeOfElement>> = {
  float32: { type: 'FLOAT' },
  int8: { type: 'INT32', converted_type: 'INT_8' },
  uint8: { type: 'INT32', converted_type: 'UINT_8' },
  binary: { type: 'INT32', converted_type: 'INT_8' },
  ubinary: { type: 'INT32', converted_type: 'UINT_8' },
};

/**
 * The schema of a file in depth-first order: the root, the kept columns, which may all hold null, and the vectors as a
 * list of three levels without a null anywhere. Source: parquet-format, LogicalTypes.md.
 */
export function parquetSchema(columns: readonly Column[], vectorColumn: string, precision: Precision): SchemaElement[] {
  return [
    { name: 'schema', num_children: columns.length + 1 },
    ...columns.map((column): SchemaElement => ({
      name: column.name,
      repetition_type: 'OPTIONAL',
      ...typeOf(column.type, column.utc === true),
    })),
    {
      name: vectorColumn,
      repetition_type: 'REQUIRED',
      num_children: 1,
      converted_type: 'LIST',
      logical_type: { type: 'LIST' },
    },
    { name: LIST_PATH[0], repetition_type: 'REPEATED', num_children: 1 },
    { name: LIST_PATH[1], repetition_type: 'REQUIRED', ...ELEMENTS[precision] },
  ];
}

function typeOf(type: ColumnType, utc: boolean): TypeOfElement {
  switch (type) {
    case 'boolean':
      return { type: 'BOOLEAN' };
    case 'int32':
      return { type: 'INT32' };
    case 'int64':
      return { type: 'INT64' };
    case 'float32':
      return { type: 'FLOAT' };
    case 'float64':
      return { type: 'DOUBLE' };
    case 'string':
      return { type: 'BYTE_ARRAY', converted_type: 'UTF8', logical_type: { type: 'STRING' } };
    case 'binary':
      return { type: 'BYTE_ARRAY' };
    case 'date':
      return { type: 'INT32', converted_type: 'DATE', logical_type: { type: 'DATE' } };
    case 'timestamp-ms':
      return timestamp('MILLIS', utc, 'TIMESTAMP_MILLIS');
    case 'timestamp-us':
      return timestamp('MICROS', utc, 'TIMESTAMP_MICROS');
    case 'timestamp-ns':
      return timestamp('NANOS', utc);
    case 'json':
      return { type: 'BYTE_ARRAY', converted_type: 'JSON', logical_type: { type: 'JSON' } };
  }
}

/** The older converted type means a moment in UTC and nothing else. */
function timestamp(unit: TimeUnit, utc: boolean, converted?: SchemaElement['converted_type']): TypeOfElement {
  return {
    type: 'INT64',
    logical_type: { type: 'TIMESTAMP', isAdjustedToUTC: utc, unit },
    ...(utc && converted !== undefined ? { converted_type: converted } : {}),
  };
}
