import type { SchemaElement } from 'hyparquet';
import { ByteWriter } from 'hyparquet-writer/src/bytewriter.js';
import { writeMetadata } from 'hyparquet-writer/src/metadata.js';

import { SegmentLedger } from '../segment-ledger.js';
import type { EncodedSegment, VectorEncoder, VectorEncoderOptions, VectorSegment } from '../vector-encoder.js';
import type { VectorMetadata } from '../vector-metadata.js';
import { arrowSchema } from './arrow-schema.js';
import { encodeColumn } from './encode-column.js';
import { encodeVectorPages } from './encode-vector-pages.js';
import { LIST_PATH, parquetSchema } from './parquet-schema.js';
import { physicalValue } from './physical-value.js';
import { type ChunkNote, type Leaf, readRowGroupNote, type RowGroupNote, rowGroupOf } from './row-group-note.js';

const MAGIC = new TextEncoder().encode('PAR1');

/** A Parquet file: the kept columns, then the vectors as the last one. A segment is a row group. */
export class ParquetEncoder implements VectorEncoder {
  readonly format = 'parquet';
  readonly #options: VectorEncoderOptions;
  readonly #ledger: SegmentLedger;
  readonly #schema: readonly SchemaElement[];
  readonly #leaves: readonly Leaf[];
  readonly #groups: RowGroupNote[];

  constructor(options: VectorEncoderOptions) {
    const { columns, vectorColumn, precision, earlier } = options;
    this.#options = options;
    this.#ledger = new SegmentLedger(options);
    this.#schema = parquetSchema(columns, vectorColumn, precision);
    this.#leaves = this.#schema
      .filter(({ type }) => type !== undefined)
      .map((element, index) =>
        index < columns.length
          ? { element, path: [element.name], codec: 'SNAPPY' }
          : { element, path: [vectorColumn, ...LIST_PATH], codec: 'UNCOMPRESSED' },
      );
    this.#groups = earlier.map((note, index) => readRowGroupNote(note, index, this.#leaves.length));
  }

  begin(): Uint8Array {
    return MAGIC.slice();
  }

  segment(segment: VectorSegment): EncodedSegment {
    this.#ledger.add(segment);
    const { rows, vectors } = segment;
    const bytes: Uint8Array[] = [];
    const chunks: ChunkNote[] = [];
    let offset = 0;
    const add = (parts: readonly Uint8Array[], note: ChunkNote): void => {
      bytes.push(...parts);
      chunks.push({ ...note, begin: offset + note.begin, data: offset + note.data });
      offset += note.bytes;
    };
    // A row group without rows has no pages, and readers refuse it.
    if (rows.length > 0) {
      for (const [index, column] of this.#options.columns.entries()) {
        const leaf = this.#leaves[index];
        if (leaf === undefined) continue;
        const values = rows.map((row) => physicalValue(column, row.values[index], row.number));
        const encoded = encodeColumn(leaf.element, column.type, values);
        add([encoded.bytes], encoded.note);
      }
      const encoded = encodeVectorPages(vectors);
      add(encoded.bytes, encoded.note);
    }
    const note: RowGroupNote = { rows: rows.length, bytes: offset, chunks };
    this.#groups.push(note);
    return { bytes, note: { ...note } };
  }

  end(metadata: VectorMetadata): { readonly tail: Uint8Array } {
    this.#ledger.complete(metadata);
    const { columns, vectorColumn, precision, dimensions } = this.#options;
    let offset = MAGIC.byteLength;
    const rowGroups = this.#groups.map((group) => {
      const rowGroup = rowGroupOf(group, this.#leaves, offset);
      offset += group.bytes;
      return rowGroup;
    });
    const writer = new ByteWriter();
    writeMetadata(writer, {
      version: 2,
      created_by: 'isovec',
      schema: [...this.#schema],
      num_rows: BigInt(this.#ledger.rows),
      row_groups: rowGroups.filter(({ num_rows: rows }) => rows > 0n),
      key_value_metadata: [
        { key: 'isovec', value: JSON.stringify(metadata) },
        { key: 'ARROW:schema', value: arrowSchema(columns, vectorColumn, precision, dimensions) },
      ],
      // Asked for by the type only: the writer measures it.
      metadata_length: 0,
    });
    writer.appendBytes(MAGIC);
    return { tail: writer.getBytes() };
  }
}
