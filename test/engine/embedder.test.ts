import type { Embedder, Progress } from '#src/index.js';
import { calibrationRanges } from '#src/index.js';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { expectedOf, failure, loadTiny, maxAbsoluteError, numberedTexts, tinyFolder } from './support/tiny-model.js';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { loadModel } from '#src/index.js';

let model: Embedder;
let cache: string;
const expected = expectedOf('bert-mean');

beforeAll(async () => {
  cache = await mkdtemp(path.join(tmpdir(), 'isovec-embedder-'));
  model = await loadModel(tinyFolder('bert-mean'), { cache, threads: 2 });
});

afterAll(async () => {
  await model.close();
  await rm(cache, { recursive: true, force: true });
});

describe('encodeBatch', () => {
  it("gives Python's vectors in the order of the texts", async () => {
    const batch = await model.encodeBatch(expected.texts);
    expect(batch.count).toBe(expected.texts.length);
    expected.vectors.forEach((vector, i) => {
      expect(maxAbsoluteError(batch.row(i), vector)).toBeLessThanOrEqual(1e-6);
    });
  });

  it('reports token counts and which texts were cut', async () => {
    const batch = await model.encodeBatch([...expected.texts, 'river '.repeat(300)]);
    expect([...batch.tokens.slice(0, -1)]).toEqual(expected.input_ids.map((ids) => ids.length));
    expect(batch.tokens.at(-1)).toBe(32);
    expect(batch.truncated.at(-1)).toBe(1);
    expect(batch.truncated[1]).toBe(0);
  });

  it('gives an empty batch for no texts', async () => {
    const batch = await model.encodeBatch([]);
    expect([batch.count, batch.dimensions, batch.data.length]).toEqual([0, model.dimensions, 0]);
  });

  it('gives the same bits for a text alone, among 2,000 others, and in concurrent calls', async () => {
    const texts = numberedTexts(2000);
    const [whole, ...parts] = await Promise.all([
      model.encodeBatch(texts),
      ...[0, 500, 1000, 1500].map((begin) => model.encodeBatch(texts.slice(begin, begin + 500))),
    ]);
    const joined = Buffer.concat(parts.map((part) => Buffer.from(part.data.buffer)));
    expect(Buffer.compare(Buffer.from(whole.data.buffer), joined)).toBe(0);
    for (const index of [0, 13, 999, 1999]) {
      expect(await model.encode(texts[index] ?? '')).toEqual(whole.row(index));
    }
  });

  it('is not moved by a caller that changes its array meanwhile', async () => {
    const texts = [...expected.texts];
    const encoding = model.encodeBatch(texts);
    texts.fill('something else');
    const batch = await encoding;
    expect(maxAbsoluteError(batch.row(1), expected.vectors[1] ?? [])).toBeLessThanOrEqual(1e-6);
  });
});

describe('progress', () => {
  it('counts finished texts up to the end', async () => {
    const seen: Progress[] = [];
    await model.encodeBatch(numberedTexts(300), { onProgress: (progress) => seen.push(progress) });
    const counts = seen.map(({ done }) => done);
    expect(counts).toEqual([...counts].sort((a, b) => a - b));
    expect(seen.at(-1)).toEqual({ phase: 'embed', subject: model.info().id, done: 300, total: 300, unit: 'texts' });
  });

  it('whose listener throws fails its own call and no other', async () => {
    const texts = Array.from({ length: 40 }, () => 'the river');
    const defect = new Error('listener defect');
    const failing = failure(() =>
      model.encodeBatch(texts, {
        onProgress: () => {
          throw defect;
        },
      }),
    );
    const others = Promise.all([model.encodeBatch(texts), model.encodeBatch(texts)]);
    const error = await failing;
    expect([error.code, error.cause]).toEqual(['CONFIG_INVALID', defect]);
    expect((await others).map(({ count }) => count)).toEqual([40, 40]);
  });
});

describe('cancelling', () => {
  it('before the call starts nothing', async () => {
    const error = await failure(() => model.encodeBatch(['a'], { signal: AbortSignal.abort('why') }));
    expect([error.code, error.cause]).toEqual(['ABORTED', 'why']);
    expect((await failure(() => model.encodeBatch([], { signal: AbortSignal.abort() }))).code).toBe('ABORTED');
  });

  it('during the call rejects, drops what waits, kills no worker, and leaves the model usable', async () => {
    const abort = new AbortController();
    let done = 0;
    const error = await failure(() =>
      model.encodeBatch(numberedTexts(2000), {
        signal: abort.signal,
        onProgress: (progress) => {
          done = progress.done;
          abort.abort();
        },
      }),
    );
    expect(error.code).toBe('ABORTED');
    expect(model.health()).toMatchObject({ replacedWorkers: 0, pendingTexts: 0, pendingTokens: 0 });
    const before = done;
    expect((await model.encodeBatch(numberedTexts(50))).count).toBe(50);
    expect(done).toBe(before);
    expect(done).toBeLessThan(2000);
  });

  it('by a deadline that has passed, or passes, is DEADLINE_EXCEEDED', async () => {
    const past = await failure(() => model.encode('a', { deadline: Date.now() - 1 }));
    const soon = await failure(() => model.encodeBatch(numberedTexts(20_000), { deadline: new Date(Date.now() + 5) }));
    expect([past.code, soon.code]).toEqual(['DEADLINE_EXCEEDED', 'DEADLINE_EXCEEDED']);
    expect(model.health()).toMatchObject({ replacedWorkers: 0, pendingTexts: 0 });
    expect((await model.encode('a', { deadline: Infinity })).length).toBe(model.dimensions);
  });
});

describe('load', () => {
  it('beyond the limits is refused with a hint, and what was let in is served', async () => {
    const small = await loadTiny('bert-mean', { maxPendingTexts: 10 });
    const first = small.encodeBatch(numberedTexts(50));
    const error = await failure(() => small.encodeBatch(['one more']));
    expect(error.code).toBe('OVERLOADED');
    expect(error.data['retryAfterMilliseconds']).toBeGreaterThan(0);
    expect((await first).count).toBe(50);
    expect((await small.encodeBatch(['one more'])).count).toBe(1);
  });

  it('of low priority is overtaken by a call of high priority', async () => {
    const single = await loadTiny('bert-mean');
    const order: string[] = [];
    let urgent: Promise<unknown> | undefined;
    const long = single
      .encodeBatch(numberedTexts(3000), {
        priority: 'low',
        onProgress: () => {
          urgent ??= single.encode('now', { priority: 'high' }).then(() => order.push('high'));
        },
      })
      .then(() => order.push('low'));
    await long;
    await urgent;
    expect(order).toEqual(['high', 'low']);
  });
});

describe('the options of a vector', () => {
  it('cut it without a new normalisation, which normalize adds', async () => {
    const whole = await model.encode('the river');
    const cut = await model.encode('the river', { dimensions: 8 });
    expect(cut).toEqual(whole.slice(0, 8));
    const unit = await model.encode('the river', { dimensions: 8, normalize: true });
    const norm = Math.hypot(...cut);
    expect(
      maxAbsoluteError(
        unit,
        cut.map((value) => value / norm),
      ),
    ).toBeLessThan(1e-7);
  });

  it('give bits, packed with the first dimension in the top bit', async () => {
    const plain = await model.encode('the river');
    const bits = await model.encode('the river', { precision: 'ubinary' });
    const signed = await model.encode('the river', { precision: 'binary' });
    expect(bits).toBeInstanceOf(Uint8Array);
    expect(signed).toBeInstanceOf(Int8Array);
    const packed = [0, 1, 2, 3].map((byte) =>
      [...plain.slice(byte * 8, byte * 8 + 8)].reduce((sum, value) => sum * 2 + (value > 0 ? 1 : 0), 0),
    );
    expect([...bits]).toEqual(packed);
    expect([...signed].map((value) => value + 128)).toEqual(packed);
  });

  it('give bytes on ranges that were calibrated before, and refuse to calibrate silently', async () => {
    const ranges = calibrationRanges(await model.encodeBatch(numberedTexts(200)));
    const unsigned = await model.encode('the river', { precision: 'uint8', ranges });
    const signed = await model.encode('the river', { precision: 'int8', ranges });
    expect(unsigned).toBeInstanceOf(Uint8Array);
    expect([...signed]).toEqual([...unsigned].map((value) => value - 128));
    const error = await failure(() => model.encode('a', { precision: 'int8' }));
    expect([error.code, error.data['option']]).toEqual(['CONFIG_INVALID', 'ranges']);
  });
});

describe('input that is not text', () => {
  it.each([
    ['a number', ['a', 7], 1],
    ['null', [null], 0],
    ['a hole', Object.assign(new Array<string>(3), ['a']), 1],
    ['half a surrogate pair', ['a', 'b', 'x\ud800'], 2],
  ])('%s is INPUT_INVALID with its index', async (_, texts, index) => {
    const error = await failure(() => model.encodeBatch(texts as string[]));
    expect([error.code, error.data['index']]).toEqual(['INPUT_INVALID', index]);
  });

  it('a string instead of a list is refused, not taken as its characters', async () => {
    expect((await failure(() => model.encodeBatch('abc' as unknown as string[]))).code).toBe('INPUT_INVALID');
    expect((await failure(() => model.encodeDocument('abc' as unknown as string[]))).code).toBe('INPUT_INVALID');
    expect((await failure(() => model.encode(undefined as unknown as string))).code).toBe('INPUT_INVALID');
  });
});

describe('options of a wrong kind', () => {
  it.each<[string, object]>([
    ['batchSize', { batchSize: 32 }],
    ['signal', { signal: {} }],
    ['deadline', { deadline: NaN }],
    ['deadline', { deadline: new Date('never') }],
    ['priority', { priority: 'urgent' }],
    ['onProgress', { onProgress: true }],
    ['prompt', { prompt: 3 }],
    ['prompt', { prompt: 'x\udc00' }],
    ['promptName', { promptName: 'query ' }],
    ['dimensions', { dimensions: 0 }],
    ['dimensions', { dimensions: NaN }],
    ['dimensions', { dimensions: 1.5 }],
    ['normalize', { normalize: 1 }],
    ['precision', { precision: 'float16' }],
    ['toString', { toString: () => 'x' }],
  ])('%s is CONFIG_INVALID naming it', async (option, options) => {
    const error = await failure(() => model.encode('a', options));
    expect(error.code).toBe('CONFIG_INVALID');
    expect(error.data['option']).toBe(option);
    expect(error.message).toContain(option);
  });

  it('options that are no object are CONFIG_INVALID', async () => {
    expect((await failure(() => model.encode('a', null as unknown as object))).code).toBe('CONFIG_INVALID');
  });

  it.each<[string, object]>([
    ['threads', { threads: NaN }],
    ['threads', { threads: 0 }],
    ['threads', { threads: 1e9 }],
    ['dtype', { dtype: 'int4' }],
    ['device', { device: 'tpu' }],
    ['cache', { cache: '' }],
    ['maxPendingTexts', { maxPendingTexts: -1 }],
    ['revision', { revision: 'main' }],
  ])('of loadModel: %s is CONFIG_INVALID naming it', async (option, options) => {
    const error = await failure(() => loadModel(tinyFolder('bert-mean'), options));
    expect([error.code, error.data['option']]).toEqual(['CONFIG_INVALID', option]);
  });
});

describe('tokenEmbeddings', () => {
  it('gives one row a token, special tokens included, that pool to the vector', async () => {
    const texts = ['the river', '', 'river '.repeat(100)];
    const tokens = await model.tokenEmbeddings(texts);
    expect(tokens.map(({ truncated }) => truncated)).toEqual([false, false, true]);
    expect(tokens[2]?.tokens).toBe(32);
    for (const [i, text] of texts.entries()) {
      const { data, tokens: rows = 0, dimensions = 0 } = tokens[i] ?? { data: new Float32Array() };
      const mean = Array.from({ length: dimensions }, (_, column) => {
        let sum = 0;
        for (let row = 0; row < rows; row++) sum += data[row * dimensions + column] ?? NaN;
        return sum / rows;
      });
      const norm = Math.hypot(...mean);
      expect(
        maxAbsoluteError(
          await model.encode(text),
          mean.map((value) => value / norm),
        ),
      ).toBeLessThan(1e-6);
    }
  });

  it('gives nothing for no texts', async () => {
    expect(await model.tokenEmbeddings([])).toEqual([]);
  });
});

describe('a closed model', () => {
  it('rejects open and later calls with CLOSED, says so in its health, and closes once', async () => {
    const own = await loadTiny('bert-mean');
    const open = failure(() => own.encodeBatch(numberedTexts(5000)));
    await Promise.all([own.close(), own.close()]);
    expect((await open).code).toBe('CLOSED');
    expect((await failure(() => own.encode('a'))).code).toBe('CLOSED');
    expect((await failure(() => own.encodeBatch([]))).code).toBe('CLOSED');
    expect(own.health().status).toBe('closed');
    await own.close();
  });

  it('is what await using leaves', async () => {
    let own: Embedder;
    {
      await using scoped = await loadTiny('bert-mean');
      own = scoped;
      expect(own.health().status).toBe('ok');
    }
    expect(own.health().status).toBe('closed');
  });
});
