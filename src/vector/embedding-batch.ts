import { IsovecError } from '../shared/isovec-error.js';

/** The array that holds the rows of a batch, by precision; `binary` and `ubinary` hold eight dimensions a byte. */
export interface PrecisionArrays {
  float32: Float32Array;
  int8: Int8Array;
  uint8: Uint8Array;
  binary: Int8Array;
  ubinary: Uint8Array;
}

/** Precisions of sentence-transformers. */
export type Precision = keyof PrecisionArrays;

/** What an {@link EmbeddingBatch} is made of. */
export interface EmbeddingBatchParts<P extends Precision> {
  readonly precision: P;
  /** Rows one after another, `count * rowLength(precision, dimensions)` elements. Kept, not copied. */
  readonly data: PrecisionArrays[P];
  readonly count: number;
  /** Dimensions of the vectors, before any packing. */
  readonly dimensions: number;
  /** Tokens that were fed per text, special tokens included: `count` values. */
  readonly tokens: Uint32Array;
  /** 1 where a text was cut to the model's limit, 0 elsewhere: `count` values. */
  readonly truncated: Uint8Array;
}

/** Array elements per row: the dimensions, or a bit per dimension in whole bytes for the packed precisions. */
export function rowLength(precision: Precision, dimensions: number): number {
  return precision === 'binary' || precision === 'ubinary' ? Math.ceil(dimensions / 8) : dimensions;
}

/** The kind of array that holds each precision. */
export const ARRAY_OF_PRECISION: { readonly [P in Precision]: new (length: number) => PrecisionArrays[P] } = {
  float32: Float32Array,
  int8: Int8Array,
  uint8: Uint8Array,
  binary: Int8Array,
  ubinary: Uint8Array,
};

/**
 * The vectors of several texts in one flat typed array, row after row, in the order of the texts.
 *
 * Throws INPUT_INVALID if the lengths of its parts disagree.
 */
export class EmbeddingBatch<P extends Precision = 'float32'> implements Iterable<PrecisionArrays[P]> {
  readonly precision: P;
  readonly data: PrecisionArrays[P];
  readonly count: number;
  readonly dimensions: number;
  /** Array elements per row; differs from {@link dimensions} only where bits are packed. */
  readonly rowLength: number;
  readonly tokens: Uint32Array;
  readonly truncated: Uint8Array;

  constructor(parts: EmbeddingBatchParts<P>) {
    const { precision, data, count, dimensions, tokens, truncated } = parts;
    requireWhole('count', count, 0);
    requireWhole('dimensions', dimensions, 1);
    if (!(data instanceof ARRAY_OF_PRECISION[precision])) {
      throw new IsovecError(
        'INPUT_INVALID',
        `An embedding batch of precision ${precision} holds a ${ARRAY_OF_PRECISION[precision].name}, not a ${data.constructor.name}.`,
      );
    }
    this.precision = precision;
    this.data = data;
    this.count = count;
    this.dimensions = dimensions;
    this.rowLength = rowLength(precision, dimensions);
    this.tokens = tokens;
    this.truncated = truncated;
    requireLength('data', data.length, count * this.rowLength);
    requireLength('tokens', tokens.length, count);
    requireLength('truncated', truncated.length, count);
  }

  /** How many texts were cut to the model's limit. */
  get truncatedCount(): number {
    return this.truncated.reduce((sum, flag) => sum + (flag === 0 ? 0 : 1), 0);
  }

  /** The vector of text `index`: a view, not a copy. INPUT_INVALID if there is no such text. */
  row(index: number): PrecisionArrays[P] {
    if (!Number.isInteger(index) || index < 0 || index >= this.count) {
      throw new IsovecError('INPUT_INVALID', `Row ${index} does not exist: the batch holds ${this.count} rows.`, {
        data: { index, count: this.count },
      });
    }
    const view: PrecisionArrays[Precision] = this.data.subarray(index * this.rowLength, (index + 1) * this.rowLength);
    // subarray keeps the kind of array, which TypeScript cannot express for an indexed access type.
    return view as PrecisionArrays[P];
  }

  *[Symbol.iterator](): Generator<PrecisionArrays[P], void, undefined> {
    for (let index = 0; index < this.count; index++) yield this.row(index);
  }

  /** The rows as plain arrays, for frameworks that take `number[][]`. */
  toArrays(): number[][] {
    return Array.from(this, (row) => Array.from(row));
  }
}

function requireWhole(name: string, value: number, least: number): void {
  if (!Number.isSafeInteger(value) || value < least) {
    throw new IsovecError(
      'INPUT_INVALID',
      `${name} of an embedding batch must be a whole number >= ${least}, not ${value}.`,
    );
  }
}

function requireLength(name: string, length: number, expected: number): void {
  if (length !== expected) {
    throw new IsovecError(
      'INPUT_INVALID',
      `${name} of an embedding batch must hold ${expected} values, not ${length}.`,
    );
  }
}
