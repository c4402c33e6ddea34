import type { CognitiveProfile } from '../../memory/cognitive/cognitive-dimensions.js';
import type { MemoryEncoder } from '../../memory/memory-encoder.js';
import type { EmbeddingSpace } from '../../models/embedding-space.js';
import type { EmbedRequest, EmbedResult } from '../embed-texts.js';
import type { MemoryVectors } from './memory-vectors.js';

/** What was embedded for a request, over all of its pieces. */
export type EmbeddedFigures = Pick<EmbedResult, 'rows' | 'tokens' | 'truncated' | 'timings'>;

/** The encoder of one request: what it embeds goes through the service's queue, within the request's limits and time. */
export class CallEncoder implements MemoryEncoder {
  readonly space: EmbeddingSpace;
  readonly #vectors: MemoryVectors;
  readonly #embed: (request: EmbedRequest) => Promise<EmbedResult>;
  #pieces: readonly EmbedResult[] = [];

  constructor(vectors: MemoryVectors, embed: (request: EmbedRequest) => Promise<EmbedResult>) {
    this.space = vectors.space;
    this.#vectors = vectors;
    this.#embed = embed;
  }

  profile(text: string): CognitiveProfile {
    return this.#vectors.profile(text);
  }

  async encodeBatch(
    texts: readonly string[],
    { profiles, task, signal }: Parameters<MemoryEncoder['encodeBatch']>[1],
  ): Promise<{ readonly data: Float32Array }> {
    const tokensBefore = this.#pieces.reduce((sum, { tokens }) => sum + total(tokens), 0);
    const result = await this.#embed({ inputs: texts, truncate: true, task, tokensBefore });
    this.#pieces = [...this.#pieces, result];
    const { rows, dimensions } = result;
    const meaning = new Float32Array(texts.length * dimensions);
    rows.forEach((row = new Float32Array(), index) => {
      meaning.set(row.subarray(0, dimensions), index * dimensions);
    });
    return { data: await this.#vectors.finish(texts, meaning, { profiles, task, signal }) };
  }

  /** What was embedded until now; undefined if nothing was. */
  figures(): EmbeddedFigures | undefined {
    const [first, ...more] = this.#pieces;
    return first === undefined ? undefined : more.reduce(added, first);
  }
}

/** Two pieces of a request as one: what is a mean over texts stays one. */
function added(one: EmbeddedFigures, two: EmbeddedFigures): EmbeddedFigures {
  const texts = one.rows.length + two.rows.length;
  const mean = (a: number, b: number): number => (a * one.rows.length + b * two.rows.length) / Math.max(1, texts);
  return {
    rows: [...one.rows, ...two.rows],
    tokens: [...one.tokens, ...two.tokens],
    truncated: [...one.truncated, ...two.truncated.map((index) => index + one.rows.length)],
    timings: {
      tokenize: one.timings.tokenize + two.timings.tokenize,
      queue: mean(one.timings.queue, two.timings.queue),
      inference: mean(one.timings.inference, two.timings.inference),
      total: one.timings.total + two.timings.total,
    },
  };
}

function total(counts: readonly number[]): number {
  return counts.reduce((sum, count) => sum + count, 0);
}
