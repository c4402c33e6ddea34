import { ByteWriter } from 'hyparquet-writer/src/bytewriter.js';
import { writePageHeader } from 'hyparquet-writer/src/datapage.js';

import { littleEndianBytes } from '../../../formats/little-endian.js';
import type { EmbeddingBatch, Precision } from '../../../vector/index.js';
import type { ChunkNote } from './row-group-note.js';

const PAGE_BYTES = 2 ** 20;
const VALUE_BYTES = 4;

/**
 * The pages of a column of vectors in one row group, uncompressed and PLAIN: the bits of floats are nearly random. Every
 * list has the same length and nothing is null, so that the levels are a few runs a row and the values are copied as
 * they lie in memory; the library's general way through nested arrays takes two hundred times as long.
 *
 * The note counts from the first of the bytes, which share the memory of float32 vectors. Source: parquet-format,
 * "Data pages" (version 2) and Encodings.md (RLE).
 */
export function encodeVectorPages(vectors: EmbeddingBatch<Precision>): {
  readonly bytes: readonly Uint8Array[];
  readonly note: ChunkNote;
} {
  const { count, rowLength, data } = vectors;
  const rowsOfPage = Math.max(1, Math.floor(PAGE_BYTES / (rowLength * VALUE_BYTES)));
  const bytes: Uint8Array[] = [];
  for (let first = 0; first < count; first += rowsOfPage) {
    const rows = Math.min(rowsOfPage, count - first);
    const values = data.subarray(first * rowLength, (first + rows) * rowLength);
    bytes.push(pageStart(rows, rowLength), littleEndianBytes(physicalValues(values)));
  }
  const size = bytes.reduce((sum, { byteLength }) => sum + byteLength, 0);
  return {
    bytes,
    note: {
      begin: 0,
      data: 0,
      bytes: size,
      uncompressed: size,
      values: count * rowLength,
      encodings: ['RLE', 'PLAIN'],
    },
  };
}

/** The format has no number of eight bits: those are written as 32. */
function physicalValues(values: Float32Array | Int8Array | Uint8Array): Float32Array | Int32Array {
  return values instanceof Float32Array ? values : Int32Array.from(values);
}

/** Header and levels of a page of lists of `rowLength` values that are all there. */
function pageStart(rows: number, rowLength: number): Uint8Array {
  const levels = new ByteWriter();
  // Repetition: 0 begins a row, 1 goes on with it.
  if (rowLength === 1) appendRun(levels, 0, rows);
  else {
    for (let row = 0; row < rows; row++) {
      appendRun(levels, 0, 1);
      appendRun(levels, 1, rowLength - 1);
    }
  }
  const repetitionBytes = levels.offset;
  // Definition: 1 is a value.
  appendRun(levels, 1, rows * rowLength);
  const bytes = levels.offset + rows * rowLength * VALUE_BYTES;
  const page = new ByteWriter();
  writePageHeader(page, {
    type: 'DATA_PAGE_V2',
    uncompressed_page_size: bytes,
    compressed_page_size: bytes,
    data_page_header_v2: {
      num_values: rows * rowLength,
      num_nulls: 0,
      num_rows: rows,
      encoding: 'PLAIN',
      definition_levels_byte_length: levels.offset - repetitionBytes,
      repetition_levels_byte_length: repetitionBytes,
      is_compressed: false,
    },
  });
  page.appendBytes(levels.getBytes());
  return page.getBytes();
}

/** A run of one level, whose values have one bit: twice the length as a varint, then the value in a byte. */
function appendRun(writer: ByteWriter, level: 0 | 1, length: number): void {
  writer.appendVarInt(length * 2);
  writer.appendUint8(level);
}
