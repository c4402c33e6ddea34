import type { EmbeddingBatch, Precision } from '../../vector/index.js';
import type { ByteSink } from '../output/byte-sink.js';
import type { VectorWriter } from './vector-writer.js';

/** One JSON object a line: index, text, tokens, truncated, vector. */
export class JsonLinesWriter implements VectorWriter {
  readonly #sink: ByteSink;
  #index = 0;

  constructor(sink: ByteSink) {
    this.#sink = sink;
  }

  async write(batch: EmbeddingBatch<Precision>, texts: readonly string[]): Promise<void> {
    let lines = '';
    for (const [row, text] of texts.entries()) {
      const tokens = batch.tokens[row] ?? 0;
      const truncated = batch.truncated[row] === 1;
      const vector = jsonNumbers(batch.row(row));
      lines += `${JSON.stringify({ index: this.#index++, text, tokens, truncated, vector })}\n`;
    }
    await this.#sink.write(lines);
  }

  end(): Promise<void> {
    return Promise.resolve();
  }
}

/** Nine digits bring every float32 value back exactly (IEEE 754, 5.12.2), in half the length of float64 digits. */
export function jsonNumbers(row: ArrayLike<number>): number[] {
  return Array.from(row, (value) => (Number.isInteger(value) ? value : Number(value.toPrecision(9))));
}
