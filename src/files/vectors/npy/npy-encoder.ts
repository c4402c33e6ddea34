import { littleEndianBytes } from '../../../formats/little-endian.js';
import { npyHeader } from '../../../formats/npy/encode-npy.js';
import type { NpyDtype } from '../../../formats/npy/npy-dtype.js';
import { IsovecError } from '../../../shared/isovec-error.js';
import { type Precision, rowLength } from '../../../vector/index.js';
import { SegmentLedger } from '../segment-ledger.js';
import type { EncodedSegment, VectorEncoder, VectorEncoderOptions, VectorSegment } from '../vector-encoder.js';
import type { VectorMetadata } from '../vector-metadata.js';

/** Element type by precision; packed bits are what numpy.packbits gives, and `binary` is that minus 128. */
const DTYPES: Readonly<Record<Precision, NpyDtype>> = {
  float32: 'float32',
  int8: 'int8',
  uint8: 'uint8',
  binary: 'int8',
  ubinary: 'uint8',
};

/** A .npy array of [rows, row length]. Its header says how many rows follow, so it is written again at the end. */
export class NpyEncoder implements VectorEncoder {
  readonly format = 'npy';
  readonly #options: VectorEncoderOptions;
  readonly #ledger: SegmentLedger;

  constructor(options: VectorEncoderOptions) {
    this.#options = options;
    this.#ledger = new SegmentLedger(options);
  }

  begin(): Uint8Array {
    return this.#header(0);
  }

  segment(segment: VectorSegment): EncodedSegment {
    this.#ledger.add(segment);
    return { bytes: [littleEndianBytes(segment.vectors.data)], note: { rows: segment.rows.length } };
  }

  end(metadata: VectorMetadata): { readonly tail: Uint8Array; readonly head: Uint8Array } {
    this.#ledger.complete(metadata);
    const head = this.#header(this.#ledger.rows);
    // numpy leaves room for a count of any length; without it the data would have to move.
    if (head.byteLength !== this.begin().byteLength) {
      throw new IsovecError('INTERNAL', `The .npy header for ${this.#ledger.rows} rows outgrew the one for none.`);
    }
    return { tail: new Uint8Array(), head };
  }

  #header(rows: number): Uint8Array {
    const { precision, dimensions } = this.#options;
    return npyHeader(DTYPES[precision], [rows, rowLength(precision, dimensions)]);
  }
}
