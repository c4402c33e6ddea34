import type { JsonObject } from '../../formats/json/parse-json.js';
import { IsovecError } from '../../shared/isovec-error.js';
import type { VectorEncoderOptions, VectorSegment } from './vector-encoder.js';
import type { VectorMetadata } from './vector-metadata.js';

const EXPONENT = 0x7f800000;

/** Counts what goes into a file of vectors, and lets nothing in that the file is not made for. */
export class SegmentLedger {
  readonly #options: VectorEncoderOptions;
  #rows = 0;

  /** FORMAT_INVALID if an earlier note does not say how many rows its segment has. */
  constructor(options: VectorEncoderOptions) {
    this.#options = options;
    for (const [index, note] of options.earlier.entries()) this.#rows += noteCount(note, 'rows', index);
  }

  /** Rows of the file so far. */
  get rows(): number {
    return this.#rows;
  }

  /**
   * Counts a segment. INTERNAL if its rows and vectors do not belong together or to this file, INPUT_INVALID, naming the
   * row, for a vector that is not finite: no reader takes it.
   */
  add({ rows, vectors }: VectorSegment): void {
    const { precision, dimensions } = this.#options;
    if (rows.length !== vectors.count) {
      throw new IsovecError('INTERNAL', `A segment has ${rows.length} rows, but ${vectors.count} vectors.`);
    }
    if (vectors.precision !== precision || vectors.dimensions !== dimensions) {
      throw new IsovecError(
        'INTERNAL',
        `A file of ${precision} vectors of ${dimensions} dimensions cannot take ${vectors.precision} vectors of ${vectors.dimensions}.`,
      );
    }
    const wrong = vectors.data instanceof Float32Array ? firstNonFinite(vectors.data) : -1;
    if (wrong >= 0) {
      const number = rows[Math.floor(wrong / vectors.rowLength)]?.number ?? 0;
      throw new IsovecError(
        'INPUT_INVALID',
        `The vector of row ${number} holds a value that is not finite. ` +
          'The model is damaged or unsuitable: check it with `isovec validate`.',
        { data: { row: number } },
      );
    }
    this.#rows += rows.length;
  }

  /** INTERNAL if the metadata of the file speaks of other rows than it has. */
  complete(metadata: VectorMetadata): void {
    if (metadata.rows === this.#rows) return;
    throw new IsovecError('INTERNAL', `The metadata speaks of ${metadata.rows} rows; ${this.#rows} were encoded.`);
  }
}

/** A count from the note of segment `index`; FORMAT_INVALID if it is not there. */
export function noteCount(note: JsonObject, key: string, index: number): number {
  const value = note[key];
  if (typeof value === 'number' && Number.isSafeInteger(value) && value >= 0) return value;
  throw damagedNote(index, `has no count ${key}`);
}

/** The error of a note that no encoder wrote. */
export function damagedNote(index: number, rule: string): IsovecError {
  return new IsovecError(
    'FORMAT_INVALID',
    `The note of segment ${index + 1} ${rule}: it is damaged, or of another version. Start the file anew with --force.`,
  );
}

/** Index of the first infinity or NaN, whose exponents have all bits set (IEEE 754, 3.4); -1 if there is none. */
function firstNonFinite(values: Float32Array): number {
  const words = new Uint32Array(values.buffer, values.byteOffset, values.length);
  for (let index = 0; index < words.length; index++) {
    if (((words[index] ?? 0) & EXPONENT) === EXPONENT) return index;
  }
  return -1;
}
