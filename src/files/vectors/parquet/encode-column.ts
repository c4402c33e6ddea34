import type { SchemaElement } from 'hyparquet';
import { ByteWriter } from 'hyparquet-writer/src/bytewriter.js';
import { writeColumn } from 'hyparquet-writer/src/column.js';
import { snappyCompress } from 'hyparquet-writer/src/snappy.js';
import { unconvertMinMax } from 'hyparquet-writer/src/unconvert.js';

import type { ColumnType } from '../../column.js';
import type { PhysicalValue } from './physical-value.js';
import type { ChunkNote } from './row-group-note.js';

/** About what a page holds before compression; the size that the format recommends. */
const PAGE_BYTES = 2 ** 20;

/**
 * Types whose least and greatest value are told, so that readers can skip row groups: those for which all readers agree
 * on an order. Floats are left out for NaN and -0, JSON and bytes because nobody filters by their order.
 */
const ORDERED: ReadonlySet<ColumnType> = new Set<ColumnType>([
  'int32',
  'int64',
  'string',
  'date',
  'timestamp-ms',
  'timestamp-us',
  'timestamp-ns',
]);

/**
 * The pages of a kept column in one row group, SNAPPY, and the note of them as if they began the segment. Values are
 * physical: text as string, everything else as Parquet stores it.
 */
export function encodeColumn(
  element: SchemaElement,
  type: ColumnType,
  values: PhysicalValue[],
): { readonly bytes: Uint8Array; readonly note: ChunkNote } {
  // The library must not convert again what is physical already; from text alone it makes bytes.
  const physical: SchemaElement = {
    name: element.name,
    repetition_type: 'OPTIONAL',
    ...(element.type === undefined ? {} : { type: element.type }),
    ...(type === 'string' ? { converted_type: 'UTF8' } : {}),
  };
  const writer = new ByteWriter();
  const { chunk } = writeColumn({
    writer,
    column: {
      columnName: element.name,
      element: physical,
      schemaPath: [{ name: 'schema' }, physical],
      codec: 'SNAPPY',
      compressors: { SNAPPY: snappyCompress },
      stats: ORDERED.has(type),
      pageSize: PAGE_BYTES,
      columnIndex: false,
      offsetIndex: false,
    },
    pageData: {
      values,
      definitionLevels: values.map((value) => (value === null ? 0 : 1)),
      repetitionLevels: [],
      maxDefinitionLevel: 1,
    },
  });
  const data = chunk.meta_data;
  if (data === undefined) throw new TypeError('the column writer gave no metadata');
  const { min_value: least, max_value: greatest, null_count: nulls } = data.statistics ?? {};
  return {
    bytes: writer.getBytes(),
    note: {
      begin: 0,
      data: Number(data.data_page_offset),
      bytes: writer.offset,
      uncompressed: Number(data.total_uncompressed_size),
      values: values.length,
      encodings: data.encodings,
      ...(nulls === undefined ? {} : { nulls: Number(nulls) }),
      ...(least === undefined || greatest === undefined
        ? {}
        : { least: boundText(least, physical, false), greatest: boundText(greatest, physical, true) }),
    },
  };
}

type Bound = Exclude<Parameters<typeof unconvertMinMax>[0], undefined>;

/** A bound as text; that of text itself is cut to a few bytes that still bound it, so that no row sits in the footer. */
function boundText(value: Bound, element: SchemaElement, isGreatest: boolean): string {
  if (typeof value !== 'string') return String(value);
  return new TextDecoder('utf-8', { ignoreBOM: true }).decode(unconvertMinMax(value, element, isGreatest));
}
