import { littleEndianBytes } from '../../formats/little-endian.js';
import { npyHeader } from '../../formats/npy/encode-npy.js';
import type { NpyDtype } from '../../formats/npy/npy-dtype.js';
import { type EmbeddingBatch, type Precision, rowLength } from '../../vector/index.js';
import type { TemporaryFile } from '../output/temporary-file.js';
import type { VectorLayout, VectorWriter } from './vector-writer.js';

/** Element type by precision; packed bits are what numpy.packbits gives, and `binary` is that minus 128. */
const DTYPES: Readonly<Record<Precision, NpyDtype>> = {
  float32: 'float32',
  int8: 'int8',
  uint8: 'uint8',
  binary: 'int8',
  ubinary: 'uint8',
};

/** A .npy array of [texts, row length]. The header says how many, so it is written again at the end. */
export class NpyWriter implements VectorWriter {
  readonly #file: TemporaryFile;
  readonly #layout: VectorLayout;
  #count = 0;

  private constructor(file: TemporaryFile, layout: VectorLayout) {
    this.#file = file;
    this.#layout = layout;
  }

  static async begin(file: TemporaryFile, layout: VectorLayout): Promise<NpyWriter> {
    const writer = new NpyWriter(file, layout);
    await file.write(writer.#header());
    return writer;
  }

  async write(batch: EmbeddingBatch<Precision>): Promise<void> {
    await this.#file.write(littleEndianBytes(batch.data));
    this.#count += batch.count;
  }

  async end(): Promise<void> {
    // The header has room for a count of any length, as numpy's own.
    await this.#file.overwriteStart(this.#header());
  }

  #header(): Uint8Array {
    const { precision, dimensions } = this.#layout;
    return npyHeader(DTYPES[precision], [this.#count, rowLength(precision, dimensions)]);
  }
}
