import type { Embedder } from '../engine/embedder.js';
import type { TextTokenizer, TokenizedText } from '../runtime/tokenizer.js';
import type { ReferenceData } from './reference-data.js';

/** What a model did with one text. */
export interface Measurement {
  /** The vector among all others in one batch. */
  readonly vector: Float32Array;
  /** Tokens that the model says it was fed. */
  readonly tokens: number;
  /** Whether the model says that it cut the text. */
  readonly truncated: boolean;
  /** What the model's tokenizer gives for prompt and text. */
  readonly tokenized: TokenizedText;
  /** Whether the vector alone, and the vector among concurrent calls, has the same bits; undefined if not tried. */
  readonly sameAlone: boolean | undefined;
  readonly sameConcurrent: boolean | undefined;
}

/**
 * Texts that are embedded alone and concurrently beside the batch. Single calls are slow, and the effect that they
 * look for, a kernel that depends on its neighbours, shows in any spread of lengths.
 */
const MOST_REPEATED = 512;

/** Steps that {@link measureModel} reports: one per embedded vector. */
export function measurementSteps(texts: number): number {
  return texts + 2 * Math.min(texts, MOST_REPEATED);
}

/**
 * Embeds the texts of the reference in one batch; then, for up to 512 of them spread over the whole, alone and
 * concurrently. `onStep` receives the number of vectors made so far.
 */
export async function measureModel(
  model: Embedder,
  tokenizer: TextTokenizer,
  prompt: string,
  reference: Pick<ReferenceData, 'texts' | 'call'>,
  signal: AbortSignal | undefined,
  onStep: (done: number) => void,
): Promise<Measurement[]> {
  const texts = reference.texts.map(({ text }) => text);
  const options = { ...reference.call, ...(signal === undefined ? {} : { signal }) };
  let done = 0;
  const step = (): void => {
    onStep(++done);
  };
  const batch = await model.encodeBatch(texts, {
    ...options,
    onProgress: (progress) => {
      done = progress.done;
      onStep(done);
    },
  });
  const tokenized = await tokenizer.encodeBatch(
    texts.map((text) => prompt + text),
    signal,
  );
  const repeated = spread(texts.length, MOST_REPEATED);
  const alone = new Map<number, Float32Array>();
  for (const index of repeated) {
    alone.set(index, await model.encode(texts[index] ?? '', options));
    step();
  }
  const concurrent = new Map<number, Float32Array>();
  await Promise.all(
    repeated.map(async (index) => {
      concurrent.set(index, await model.encode(texts[index] ?? '', options));
      step();
    }),
  );
  return tokenized.map((tokens, index) => {
    const vector = batch.row(index);
    return {
      vector,
      tokens: batch.tokens[index] ?? 0,
      truncated: batch.truncated[index] === 1,
      tokenized: tokens,
      sameAlone: sameBits(vector, alone.get(index)),
      sameConcurrent: sameBits(vector, concurrent.get(index)),
    };
  });
}

/** At most `most` indexes below `count`, evenly spaced. */
function spread(count: number, most: number): number[] {
  const taken = Math.min(count, most);
  return Array.from({ length: taken }, (_, index) => Math.floor((index * count) / taken));
}

function sameBits(a: Float32Array, b: Float32Array | undefined): boolean | undefined {
  if (b === undefined) return undefined;
  return Buffer.from(a.buffer, a.byteOffset, a.byteLength).equals(Buffer.from(b.buffer, b.byteOffset, b.byteLength));
}
