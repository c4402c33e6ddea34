import { describe, expect, it } from 'vitest';

import { failure, loadTiny, numberedTexts } from './support/tiny-model.js';

/** A source that counts what was taken from it and whether it was told to end. */
class Source {
  taken = 0;
  ended = false;
  readonly #count: number;
  readonly #wrongAt: number | undefined;

  constructor(count: number, wrongAt?: number) {
    this.#count = count;
    this.#wrongAt = wrongAt;
  }

  async *texts(): AsyncGenerator<string> {
    try {
      for (; this.taken < this.#count;) {
        const index = this.taken++;
        yield index === this.#wrongAt ? (null as unknown as string) : `text ${index}`;
        await Promise.resolve();
      }
    } finally {
      this.ended = true;
    }
  }
}

async function drain<T>(stream: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = [];
  for await (const item of stream) all.push(item);
  return all;
}

describe('encodeStream', () => {
  it('gives the vectors of encodeBatch, in order, whatever the source is', async () => {
    const model = await loadTiny('bert-mean', { threads: 2 });
    const texts = numberedTexts(1500);
    const whole = await model.encodeBatch(texts);
    const progress: number[] = [];
    const streams = [
      drain(model.encodeStream(texts)),
      drain(model.encodeStream(new Set(texts), { onProgress: ({ done }) => progress.push(done) })),
    ];
    for (const stream of streams) {
      const rows = (await stream).flatMap((batch) => Array.from({ length: batch.count }, (_, i) => batch.row(i)));
      expect(rows).toEqual(texts.map((_, i) => whole.row(i)));
    }
    expect(progress.at(-1)).toBe(1500);
  });

  it('ends at once for an empty source', async () => {
    const model = await loadTiny('bert-mean');
    expect(await drain(model.encodeStream([]))).toEqual([]);
  });

  it('reads no more than a bounded number of texts ahead of its caller', async () => {
    const model = await loadTiny('bert-mean', { threads: 2 });
    const source = new Source(20_000);
    let received = 0;
    let furthest = 0;
    for await (const batch of model.encodeStream(source.texts())) {
      received += batch.count;
      furthest = Math.max(furthest, source.taken - received);
      await new Promise(setImmediate);
      if (received > 5000) break;
    }
    expect(furthest).toBeLessThanOrEqual(3 * 256);
  });

  it('tells the source when the caller stops early, and drops the work', async () => {
    const model = await loadTiny('bert-mean');
    const source = new Source(100_000);
    for await (const batch of model.encodeStream(source.texts())) {
      expect(batch.count).toBe(256);
      break;
    }
    expect(source.ended).toBe(true);
    expect(source.taken).toBeLessThan(1000);
    expect(model.health().pendingTexts).toBe(0);
    expect((await model.encode('still here')).length).toBe(model.dimensions);
  });

  it('gives the vectors of what came while its source is silent', async () => {
    const model = await loadTiny('bert-mean');
    let release: (() => void) | undefined;
    const silence = new Promise<void>((resolve) => (release = resolve));
    async function* log(): AsyncGenerator<string> {
      yield 'first line';
      yield 'second line';
      await silence;
      yield 'third line';
    }
    const counts: number[] = [];
    for await (const batch of model.encodeStream(log())) {
      counts.push(batch.count);
      release?.();
    }
    expect(counts).toEqual([2, 1]);
  });

  it('does not wait for a silent source when the caller stops', async () => {
    const model = await loadTiny('bert-mean');
    async function* log(): AsyncGenerator<string> {
      yield 'a line';
      await new Promise(() => undefined);
    }
    for await (const batch of model.encodeStream(log())) {
      expect(batch.count).toBe(1);
      break;
    }
    expect(model.health().pendingTexts).toBe(0);
  });

  it('ends with the error of its source, after what came before it was given', async () => {
    const model = await loadTiny('bert-mean');
    async function* failing(): AsyncGenerator<string> {
      yield 'a';
      await Promise.resolve();
      throw new Error('the source broke');
    }
    let given = 0;
    const draining = (async (): Promise<void> => {
      for await (const batch of model.encodeStream(failing())) given += batch.count;
    })();
    await expect(draining).rejects.toThrow('the source broke');
    expect(given).toBe(1);
    expect(model.health().pendingTexts).toBe(0);
  });

  it('names what is not a text by its place in the whole stream', async () => {
    const model = await loadTiny('bert-mean');
    const source = new Source(2000, 700);
    const error = await failure(() => drain(model.encodeStream(source.texts())));
    expect([error.code, error.data['index']]).toEqual(['INPUT_INVALID', 700]);
    expect(error.message).toContain('Text 700 ');
    expect(source.ended).toBe(true);
  });

  it.each([
    ['a string', 'abc'],
    ['a number', 3],
    ['null', null],
  ])('refuses %s as a source', async (_, source) => {
    const model = await loadTiny('bert-mean');
    const error = await failure(() => drain(model.encodeStream(source as unknown as string[])));
    expect(error.code).toBe('INPUT_INVALID');
  });

  it('rejects with ABORTED although its source never answers', async () => {
    const model = await loadTiny('bert-mean');
    const abort = new AbortController();
    const silent: AsyncIterable<string> = {
      [Symbol.asyncIterator]: () => ({ next: () => new Promise<never>(() => undefined) }),
    };
    const ended = failure(() => drain(model.encodeStream(silent, { signal: abort.signal })));
    await new Promise(setImmediate);
    abort.abort();
    expect((await ended).code).toBe('ABORTED');
  });

  it('fits its own chunks into small limits', async () => {
    const model = await loadTiny('bert-mean', { threads: 2, maxPendingTexts: 30, maxPendingTokens: 500 });
    const batches = await drain(model.encodeStream(numberedTexts(200)));
    expect(batches.reduce((sum, { count }) => sum + count, 0)).toBe(200);
  });

  it('refuses wrong options before it reads anything', async () => {
    const model = await loadTiny('bert-mean');
    const source = new Source(10);
    const error = await failure(() => drain(model.encodeStream(source.texts(), { dimensions: 1.5 })));
    expect(error.code).toBe('CONFIG_INVALID');
    expect(source.taken).toBe(0);
  });
});
