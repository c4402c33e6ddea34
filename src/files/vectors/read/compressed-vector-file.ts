import { hostBytes } from '../../../formats/little-endian.js';
import { throwIfAborted } from '../../../shared/abort.js';
import { IsovecError } from '../../../shared/isovec-error.js';
import { ByteStream } from '../../rows/byte-stream.js';
import type { VectorBlock, VectorFile, VectorRecord } from '../vector-file.js';
import type { VectorMetadata } from '../vector-metadata.js';
import type { RecordReader } from './source-records.js';
import { requireFinite, rowsPerBlock } from './vector-blocks.js';
import { requireAgreement } from './vector-sidecars.js';

/** What is known of a {@link CompressedVectorFile} before it is read. */
export interface CompressedVectorFacts {
  readonly name: string;
  readonly dimensions: number;
  readonly metadata: VectorMetadata | undefined;
  readonly records: RecordReader;
}

/** Little-endian float32 vectors one after another, compressed as a whole: .f32.gz and .f32.zst. */
export class CompressedVectorFile implements VectorFile {
  readonly format = 'f32';
  readonly name: string;
  readonly rows: number | undefined;
  readonly dimensions: number;
  readonly metadata: VectorMetadata | undefined;
  readonly #records: RecordReader;
  #closed = false;

  constructor({ name, dimensions, metadata, records }: CompressedVectorFacts) {
    this.name = name;
    this.rows = metadata?.rows;
    this.dimensions = dimensions;
    this.metadata = metadata;
    this.#records = records;
  }

  async *blocks(signal?: AbortSignal): AsyncGenerator<VectorBlock, void, undefined> {
    if (this.#closed) throw new IsovecError('CLOSED', `${this.name} was closed.`);
    const { name, dimensions } = this;
    const rowBytes = dimensions * Float32Array.BYTES_PER_ELEMENT;
    const buffer = new Uint8Array(rowsPerBlock(dimensions) * rowBytes);
    let first = 0;
    let filled = 0;
    const block = (): VectorBlock => {
      throwIfAborted(signal);
      const count = Math.floor(filled / rowBytes);
      const { buffer: memory, byteOffset } = hostBytes(
        buffer.subarray(0, count * rowBytes),
        Float32Array.BYTES_PER_ELEMENT,
      );
      const data = new Float32Array(memory, byteOffset, count * dimensions);
      requireFinite(name, data, first, dimensions);
      return { first, count, data };
    };
    const stream = await ByteStream.openFile(name, signal);
    try {
      for await (const chunk of stream.chunks()) {
        for (let taken = 0; taken < chunk.length;) {
          const part = chunk.subarray(taken, taken + buffer.length - filled);
          buffer.set(part, filled);
          filled += part.length;
          taken += part.length;
          if (filled < buffer.length) continue;
          const full = block();
          yield full;
          first += full.count;
          filled = 0;
        }
      }
    } finally {
      await stream.close();
    }
    const rows = first + Math.floor(filled / rowBytes);
    if (filled % rowBytes !== 0) {
      throw new IsovecError(
        'FORMAT_INVALID',
        `${name} ends inside row ${rows + 1}: its bytes are no whole number of rows of ${dimensions} dimensions. Write or fetch the file again.`,
        { data: { file: name } },
      );
    }
    if (filled > 0) yield block();
    if (this.metadata !== undefined) requireAgreement(name, this.metadata, { dimensions, rows });
  }

  records(indices: readonly number[], signal?: AbortSignal): Promise<ReadonlyMap<number, VectorRecord>> {
    return this.#records(indices, signal);
  }

  close(): Promise<void> {
    this.#closed = true;
    return Promise.resolve();
  }
}
