import type { ColumnChunk, CompressionCodec, Encoding, RowGroup, SchemaElement, Statistics } from 'hyparquet';
import { Encodings } from 'hyparquet/src/constants.js';

import { isJsonObject, type JsonObject } from '../../../formats/json/parse-json.js';
import { damagedNote, noteCount } from '../segment-ledger.js';

/** What the footer says of the values of one column in one row group. Offsets count from the segment's first byte. */
export interface ChunkNote {
  readonly begin: number;
  /** First data page; behind `begin` if a dictionary page lies before it. */
  readonly data: number;
  /** Bytes in the file, page headers included, and what they were before compression. */
  readonly bytes: number;
  readonly uncompressed: number;
  readonly values: number;
  readonly encodings: readonly Encoding[];
  /** Of columns with an order: nulls, and least and greatest value if there is one. */
  readonly nulls?: number;
  readonly least?: string;
  readonly greatest?: string;
}

/** What the footer says of one segment, as plain values that survive JSON. */
export interface RowGroupNote {
  readonly rows: number;
  readonly bytes: number;
  readonly chunks: readonly ChunkNote[];
}

/** A column that has values: its element of the schema, and where it stands. */
export interface Leaf {
  readonly element: SchemaElement;
  readonly path: readonly string[];
  readonly codec: CompressionCodec;
}

/** The note of segment `index` as it came back from JSON; FORMAT_INVALID unless it has a chunk for each leaf. */
export function readRowGroupNote(note: JsonObject, index: number, leaves: number): RowGroupNote {
  const chunks = note['chunks'];
  const rows = noteCount(note, 'rows', index);
  if (!Array.isArray(chunks) || chunks.length !== (rows === 0 ? 0 : leaves)) {
    throw damagedNote(index, `does not describe ${leaves} columns`);
  }
  return {
    rows,
    bytes: noteCount(note, 'bytes', index),
    chunks: chunks.map((chunk: unknown) => readChunkNote(chunk, index)),
  };
}

function readChunkNote(chunk: unknown, index: number): ChunkNote {
  if (!isJsonObject(chunk)) throw damagedNote(index, 'has a column that is no object');
  const { encodings, least, greatest } = chunk;
  if (!Array.isArray(encodings) || !encodings.every(isEncoding)) throw damagedNote(index, 'has unknown encodings');
  const isBounded = typeof least === 'string' && typeof greatest === 'string';
  return {
    begin: noteCount(chunk, 'begin', index),
    data: noteCount(chunk, 'data', index),
    bytes: noteCount(chunk, 'bytes', index),
    uncompressed: noteCount(chunk, 'uncompressed', index),
    values: noteCount(chunk, 'values', index),
    encodings,
    ...(chunk['nulls'] === undefined ? {} : { nulls: noteCount(chunk, 'nulls', index) }),
    ...(isBounded ? { least, greatest } : {}),
  };
}

function isEncoding(value: unknown): value is Encoding {
  return Encodings.some((encoding) => encoding === value);
}

/** The footer's description of a row group that begins at `offset`. */
export function rowGroupOf(note: RowGroupNote, leaves: readonly Leaf[], offset: number): RowGroup {
  return {
    columns: leaves.flatMap((leaf, index) => {
      const chunk = note.chunks[index];
      return chunk === undefined ? [] : [columnChunkOf(chunk, leaf, offset)];
    }),
    total_byte_size: BigInt(note.chunks.reduce((sum, { uncompressed }) => sum + uncompressed, 0)),
    num_rows: BigInt(note.rows),
    file_offset: BigInt(offset),
    total_compressed_size: BigInt(note.bytes),
  };
}

function columnChunkOf(note: ChunkNote, { element, path, codec }: Leaf, offset: number): ColumnChunk {
  if (element.type === undefined) throw new TypeError(`${element.name} is a group and has no values`);
  const statistics = statisticsOf(note, element);
  return {
    file_offset: BigInt(offset + note.begin),
    meta_data: {
      type: element.type,
      encodings: [...note.encodings],
      path_in_schema: [...path],
      codec,
      num_values: BigInt(note.values),
      total_uncompressed_size: BigInt(note.uncompressed),
      total_compressed_size: BigInt(note.bytes),
      data_page_offset: BigInt(offset + note.data),
      ...(note.data > note.begin ? { dictionary_page_offset: BigInt(offset + note.begin) } : {}),
      ...(statistics === undefined ? {} : { statistics }),
    },
  };
}

function statisticsOf({ nulls, least, greatest }: ChunkNote, { type }: SchemaElement): Statistics | undefined {
  if (nulls === undefined) return undefined;
  const counted: Statistics = { null_count: BigInt(nulls) };
  if (least === undefined || greatest === undefined) return counted;
  if (type === 'INT32') return { ...counted, min_value: Number(least), max_value: Number(greatest) };
  if (type === 'INT64') return { ...counted, min_value: BigInt(least), max_value: BigInt(greatest) };
  // Bounds of text may be cut: no reader may take them for values.
  const bounds = { min_value: least, max_value: greatest };
  return { ...counted, ...bounds, is_min_value_exact: false, is_max_value_exact: false };
}
