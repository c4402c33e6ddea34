import { hostBytes } from '../../../formats/little-endian.js';
import { throwIfAborted } from '../../../shared/abort.js';
import type { VectorBlock, VectorFile, VectorRecord } from '../vector-file.js';
import type { VectorMetadata } from '../vector-metadata.js';
import type { FileBytes } from './file-bytes.js';
import type { RecordReader } from './source-records.js';
import { requireFinite, rowsPerBlock } from './vector-blocks.js';

/** Where the vectors of a {@link DenseVectorFile} lie. */
export interface DenseVectorLayout {
  readonly format: 'npy' | 'f32';
  /** Offset of the first vector in bytes. */
  readonly begin: number;
  readonly rows: number;
  readonly dimensions: number;
}

/** Little-endian float32 vectors one after another: the data of .npy and .f32. */
export class DenseVectorFile implements VectorFile {
  readonly name: string;
  readonly format: 'npy' | 'f32';
  readonly rows: number;
  readonly dimensions: number;
  readonly metadata: VectorMetadata | undefined;
  readonly #bytes: FileBytes;
  readonly #begin: number;
  readonly #records: RecordReader;

  /** Takes over the open file, whose length fits the layout. */
  constructor(
    bytes: FileBytes,
    layout: DenseVectorLayout,
    metadata: VectorMetadata | undefined,
    records: RecordReader,
  ) {
    this.name = bytes.name;
    this.format = layout.format;
    this.rows = layout.rows;
    this.dimensions = layout.dimensions;
    this.metadata = metadata;
    this.#bytes = bytes;
    this.#begin = layout.begin;
    this.#records = records;
  }

  async *blocks(signal?: AbortSignal): AsyncGenerator<VectorBlock, void, undefined> {
    const rowBytes = this.dimensions * Float32Array.BYTES_PER_ELEMENT;
    const most = Math.min(rowsPerBlock(this.dimensions), this.rows);
    const buffer = new Uint8Array(most * rowBytes);
    for (let first = 0; first < this.rows; first += most) {
      throwIfAborted(signal);
      const count = Math.min(most, this.rows - first);
      const raw = buffer.subarray(0, count * rowBytes);
      await this.#bytes.fill(raw, this.#begin + first * rowBytes);
      const { buffer: memory, byteOffset } = hostBytes(raw, Float32Array.BYTES_PER_ELEMENT);
      const data = new Float32Array(memory, byteOffset, count * this.dimensions);
      requireFinite(this.name, data, first, this.dimensions);
      yield { first, count, data };
    }
  }

  records(indices: readonly number[], signal?: AbortSignal): Promise<ReadonlyMap<number, VectorRecord>> {
    return this.#records(indices, signal);
  }

  close(): Promise<void> {
    return this.#bytes.close();
  }
}
