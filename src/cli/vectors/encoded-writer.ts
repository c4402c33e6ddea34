import type { VectorEncoder, VectorSegment } from '../../files/vectors/vector-encoder.js';
import type { ByteSink } from '../output/byte-sink.js';
import type { VectorWriter } from './vector-writer.js';

/** Writes what an encoder of files gives. What begins the output comes with the first rows. */
export class EncodedWriter implements VectorWriter {
  readonly #encoder: VectorEncoder;
  readonly #sink: ByteSink;

  private constructor(encoder: VectorEncoder, sink: ByteSink) {
    this.#encoder = encoder;
    this.#sink = sink;
  }

  static async begin(encoder: VectorEncoder, sink: ByteSink): Promise<EncodedWriter> {
    const writer = new EncodedWriter(encoder, sink);
    await sink.write(encoder.begin());
    return writer;
  }

  async write(segment: VectorSegment): Promise<void> {
    for (const bytes of this.#encoder.segment(segment).bytes) await this.#sink.write(bytes);
  }
}
