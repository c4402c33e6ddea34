import { quote } from '../../../formats/quote.js';
import { IsovecError } from '../../../shared/isovec-error.js';
import type { SourceRow } from '../../rows/row-source.js';
import { SegmentLedger } from '../segment-ledger.js';
import type { EncodedSegment, VectorEncoder, VectorEncoderOptions, VectorSegment } from '../vector-encoder.js';
import type { VectorMetadata } from '../vector-metadata.js';
import { columnJson } from './column-json.js';
import { LineBuffer } from './line-buffer.js';
import { hasMember, openMember } from './splice-member.js';

/** A JSON object a line: the row as its source wrote it, or its kept columns, and the vector as the last member. */
export class JsonLinesEncoder implements VectorEncoder {
  readonly format = 'jsonl';
  readonly #options: VectorEncoderOptions;
  readonly #ledger: SegmentLedger;
  readonly #names: readonly string[];

  constructor(options: VectorEncoderOptions) {
    this.#options = options;
    this.#ledger = new SegmentLedger(options);
    this.#names = options.columns.map(({ name }) => JSON.stringify(name));
  }

  begin(): Uint8Array {
    return new Uint8Array();
  }

  segment(segment: VectorSegment): EncodedSegment {
    this.#ledger.add(segment);
    const { rows, vectors } = segment;
    const buffer = new LineBuffer();
    for (const [index, row] of rows.entries()) {
      buffer.text(`${this.#memberBefore(row)}[`);
      buffer.numbers(vectors.row(index));
      buffer.text(']}\n');
    }
    return { bytes: buffer.chunks(), note: { rows: rows.length } };
  }

  end(metadata: VectorMetadata): { readonly tail: Uint8Array } {
    this.#ledger.complete(metadata);
    return { tail: new Uint8Array() };
  }

  /** The object of a row up to the value of the vector's member. */
  #memberBefore(row: SourceRow): string {
    const { columns, vectorColumn } = this.#options;
    if (row.json === undefined) {
      const members = columns.map(
        (column, index) => `${this.#names[index] ?? ''}:${columnJson(column, row.values[index], row.number)}`,
      );
      return openMember(`{${members.join(',')}}`, vectorColumn);
    }
    if (hasMember(row.json, vectorColumn)) {
      throw new IsovecError(
        'INPUT_INVALID',
        `Row ${row.number} has a member ${quote(vectorColumn)} already. Choose another name for the vectors with --vector-column.`,
        { data: { row: row.number } },
      );
    }
    return openMember(row.json, vectorColumn);
  }
}
