import type { SchemaElement, SchemaTree } from 'hyparquet';
import type { ColumnType } from '../../column.js';

/** A top-level column of a Parquet file. */
export interface ParquetColumn {
  readonly name: string;
  /** Its type, as messages name it. */
  readonly kind: string;
  /** What it is read as; undefined for columns that cannot be kept without loss. */
  readonly type: ColumnType | undefined;
  readonly utc?: boolean;
  /** Index of its chunk in each row group; of nested columns, of the first one. */
  readonly leaf: number;
  readonly element: SchemaElement;
}

/** The top-level columns of a schema, in order. */
export function parquetColumns(root: SchemaTree): readonly ParquetColumn[] {
  let leaf = 0;
  return root.children.map((tree) => {
    const column = { name: tree.element.name, leaf, element: tree.element, ...columnType(tree) };
    leaf += leafCount(tree);
    return column;
  });
}

type TypeOf = Pick<ParquetColumn, 'kind' | 'type' | 'utc'>;

function leafCount(tree: SchemaTree): number {
  return tree.children.length === 0 ? 1 : tree.children.reduce((sum, child) => sum + leafCount(child), 0);
}

function columnType(tree: SchemaTree): TypeOf {
  const { element } = tree;
  if (tree.children.length > 0 || element.num_children !== undefined || element.repetition_type === 'REPEATED') {
    return { kind: 'lists or other nested values', type: undefined };
  }
  const { logical_type: logical, converted_type: converted } = element;
  if (logical?.type === 'DECIMAL' || converted === 'DECIMAL') return { kind: 'decimals', type: undefined };
  if (logical?.type === 'TIME' || converted === 'TIME_MILLIS' || converted === 'TIME_MICROS') {
    return { kind: 'times of day', type: undefined };
  }
  if (element.type === undefined) return { kind: 'values of an unknown type', type: undefined };
  switch (element.type) {
    case 'BOOLEAN':
      return { kind: 'booleans', type: 'boolean' };
    case 'INT32':
      return int32Type(element);
    case 'INT64':
      return int64Type(element);
    case 'INT96':
      // Deprecated; readers take it for nanoseconds on some wall's clock.
      return { kind: 'timestamps', type: 'timestamp-ns', utc: false };
    case 'FLOAT':
      return { kind: 'float32 numbers', type: 'float32' };
    case 'DOUBLE':
      return { kind: 'float64 numbers', type: 'float64' };
    case 'BYTE_ARRAY':
      return byteArrayType(element);
    case 'FIXED_LEN_BYTE_ARRAY':
      if (logical?.type === 'FLOAT16') return { kind: 'float16 numbers', type: 'float32' };
      if (logical?.type === 'UUID') return { kind: 'UUIDs', type: 'string' };
      if (converted === 'INTERVAL') return { kind: 'intervals', type: undefined };
      return { kind: 'bytes', type: 'binary' };
  }
}

function int32Type({ logical_type: logical, converted_type: converted }: SchemaElement): TypeOf {
  if (logical?.type === 'DATE' || converted === 'DATE') return { kind: 'dates', type: 'date' };
  const unsigned = (logical?.type === 'INTEGER' && !logical.isSigned) || converted?.startsWith('UINT_') === true;
  const width = logical?.type === 'INTEGER' ? logical.bitWidth : converted === 'UINT_32' ? 32 : 16;
  // An unsigned one of 32 bits fits the next wider signed type.
  return unsigned && width === 32
    ? { kind: 'unsigned 32-bit integers', type: 'int64' }
    : { kind: 'integers', type: 'int32' };
}

function int64Type({ logical_type: logical, converted_type: converted }: SchemaElement): TypeOf {
  if (logical?.type === 'TIMESTAMP') {
    const type = ({ MILLIS: 'timestamp-ms', MICROS: 'timestamp-us', NANOS: 'timestamp-ns' } as const)[logical.unit];
    return { kind: 'timestamps', type, utc: logical.isAdjustedToUTC };
  }
  // The older annotations are always in UTC.
  if (converted === 'TIMESTAMP_MILLIS') return { kind: 'timestamps', type: 'timestamp-ms', utc: true };
  if (converted === 'TIMESTAMP_MICROS') return { kind: 'timestamps', type: 'timestamp-us', utc: true };
  const unsigned = (logical?.type === 'INTEGER' && !logical.isSigned) || converted === 'UINT_64';
  return unsigned ? { kind: 'unsigned 64-bit integers', type: undefined } : { kind: 'integers', type: 'int64' };
}

function byteArrayType({ logical_type: logical, converted_type: converted }: SchemaElement): TypeOf {
  const annotation = logical?.type ?? converted;
  if (annotation === undefined || annotation === 'BSON') return { kind: 'bytes', type: 'binary' };
  // JSON and ENUM are text too, kept as it is written.
  const strings = ['STRING', 'UTF8', 'JSON', 'ENUM'].includes(annotation);
  return strings
    ? { kind: 'strings', type: 'string' }
    : { kind: `${annotation.toLowerCase()} values`, type: undefined };
}
