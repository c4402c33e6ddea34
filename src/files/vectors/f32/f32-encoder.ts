import { littleEndianBytes } from '../../../formats/little-endian.js';
import { IsovecError } from '../../../shared/isovec-error.js';
import { SegmentLedger } from '../segment-ledger.js';
import type { EncodedSegment, VectorEncoder, VectorEncoderOptions, VectorSegment } from '../vector-encoder.js';
import type { VectorMetadata } from '../vector-metadata.js';

/** Nothing but the vectors, row after row, as little-endian float32. */
export class F32Encoder implements VectorEncoder {
  readonly format = 'f32';
  readonly #ledger: SegmentLedger;

  /** CONFIG_INVALID for any other precision: nothing in the file would tell. */
  constructor(options: VectorEncoderOptions) {
    if (options.precision !== 'float32') {
      throw new IsovecError(
        'CONFIG_INVALID',
        `A .f32 file holds float32 vectors only, not ${options.precision}. Write a .npy file, which names its element type.`,
      );
    }
    this.#ledger = new SegmentLedger(options);
  }

  begin(): Uint8Array {
    return new Uint8Array();
  }

  segment(segment: VectorSegment): EncodedSegment {
    this.#ledger.add(segment);
    return { bytes: [littleEndianBytes(segment.vectors.data)], note: { rows: segment.rows.length } };
  }

  end(metadata: VectorMetadata): { readonly tail: Uint8Array } {
    this.#ledger.complete(metadata);
    return { tail: new Uint8Array() };
  }
}
