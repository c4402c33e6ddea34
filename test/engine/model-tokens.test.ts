import type { Embedder } from '#src/index.js';
import { describe, expect, it } from 'vitest';

import { expectedOf, failure, loadTiny, maxAbsoluteError } from './support/tiny-model.js';

const LONG = 'the old harbour '.repeat(400);
const TEXTS = ['the river rose', '', 'a 😀 café, twice', LONG];

/** Rows of tokenised texts, in their order. */
async function rowsOf(
  model: Embedder,
  texts: Awaited<ReturnType<Embedder['tokens']['encode']>>,
  rows?: 'embeddings' | 'unnormalized' | 'hidden',
): Promise<Float32Array[]> {
  const found: Float32Array[] = [];
  await model.tokens.run(texts, {
    ...(rows === undefined ? {} : { rows }),
    onRows: (index, values, times) => {
      expect(times.queueMilliseconds).toBeGreaterThanOrEqual(0);
      expect(times.inferenceMilliseconds).toBeGreaterThan(0);
      found[index] = values.slice();
    },
  });
  return found;
}

describe('a model by its tokens', () => {
  it('gives the bits of encodeBatch, and counts tokens before the cut', async () => {
    const model = await loadTiny('bert-mean');
    const encoded = await model.tokens.encode(TEXTS);
    const batch = await model.encodeBatch(TEXTS);
    const rows = await rowsOf(model, encoded);
    rows.forEach((row, index) => {
      expect(row).toEqual(batch.row(index));
    });
    const limit = model.info().maxSequenceLength;
    expect(encoded.texts.map(({ truncated }) => truncated)).toEqual([false, false, false, true]);
    expect(encoded.texts[3]?.ids).toHaveLength(limit);
    expect(encoded.texts[3]?.fullTokenCount).toBeGreaterThan(limit);
  });

  it.each(['bert-prompts-default', 'bert-prompts-exclude'])('puts the prompt of a task in front: %s', async (name) => {
    const model = await loadTiny(name);
    for (const [task, batch] of [
      ['plain', await model.encodeBatch(TEXTS)],
      ['query', await model.encodeBatch(TEXTS, { promptName: 'query' })],
    ] as const) {
      const rows = await rowsOf(model, await model.tokens.encode(TEXTS, { task }));
      rows.forEach((row, index) => {
        expect(row).toEqual(batch.row(index));
      });
    }
  });

  it('takes the token ids of a caller as they are', async () => {
    const model = await loadTiny('bert-mean');
    const { input_ids: ids, vectors } = expectedOf('bert-mean');
    const rows = await rowsOf(model, model.tokens.fromIds(ids));
    rows.forEach((row, index) => {
      expect(maxAbsoluteError(row, vectors[index] ?? [])).toBeLessThan(1e-5);
    });
  });

  it('cuts either end of a text, and keeps the special tokens', async () => {
    const model = await loadTiny('bert-mean');
    const limit = model.info().maxSequenceLength;
    const words = Array.from({ length: 2 * limit }, (_, i) => `${i % 10}`).join(' ');
    const [right] = (await model.tokens.encode([words], { truncationSide: 'right' })).texts;
    const [left] = (await model.tokens.encode([words], { truncationSide: 'left' })).texts;
    const [start] = (await model.tokens.encode(['0'])).texts;
    expect([right?.ids[0], right?.ids.at(-1)]).toEqual([start?.ids[0], start?.ids.at(-1)]);
    expect([left?.ids[0], left?.ids.at(-1)]).toEqual([start?.ids[0], start?.ids.at(-1)]);
    expect(right?.ids[1]).toBe(start?.ids[1]);
    const [end] = (await model.tokens.encode([words.at(-1) ?? ''])).texts;
    expect(left?.ids.at(-2)).toBe(end?.ids[1]);
    expect(right?.ids).not.toEqual(left?.ids);
    const whole = await model.tokens.explain(words);
    const made = model.tokens.fromIds([whole.map(({ id }) => id)], 'left').texts[0];
    expect(made?.ids).toEqual(left?.ids);
  });

  it('gives pooled vectors before the normalisation of the model', async () => {
    const model = await loadTiny('bert-mean');
    const encoded = await model.tokens.encode(TEXTS);
    const [rows, raw] = [await rowsOf(model, encoded), await rowsOf(model, encoded, 'unnormalized')];
    raw.forEach((row, index) => {
      const norm = Math.hypot(...row);
      expect(Math.abs(norm - 1)).toBeGreaterThan(1e-3);
      expect(
        maxAbsoluteError(
          row.map((value) => value / norm),
          rows[index] ?? [],
        ),
      ).toBeLessThan(1e-6);
    });
    const plain = await loadTiny('bert-nonorm');
    const texts = await plain.tokens.encode(TEXTS);
    expect(await rowsOf(plain, texts, 'unnormalized')).toEqual(await rowsOf(plain, texts));
  });

  it('gives a row for every token', async () => {
    const model = await loadTiny('bert-mean');
    const encoded = await model.tokens.encode(TEXTS);
    const rows = await rowsOf(model, encoded, 'hidden');
    const expected = await model.tokenEmbeddings(TEXTS);
    rows.forEach((row, index) => {
      expect(row).toEqual(expected[index]?.data);
    });
  });

  it('says what tokens a text has and where, and goes back', async () => {
    const model = await loadTiny('bert-mean');
    const text = 'a 😀 café, twice';
    const tokens = await model.tokens.explain(text);
    expect(tokens.map(({ id }) => id)).toEqual([...((await model.tokens.encode([text])).texts[0]?.ids ?? [])]);
    expect([tokens[0], tokens.at(-1)]).toMatchObject([{ special: true }, { special: true }]);
    expect(tokens[0]).not.toHaveProperty('start');
    const [first, last] = [tokens[1], tokens.at(-2)];
    expect(text.slice(first?.start, first?.stop)).toBe('a');
    expect('twice').toContain(text.slice(last?.start, last?.stop));
    expect(tokens.slice(1, -1).every(({ start = 0, stop = 0 }) => stop > start && stop <= text.length)).toBe(true);
    const bare = await model.tokens.explain(text, { addSpecialTokens: false });
    expect(bare).toHaveLength(tokens.length - 2);
    const ids = (await model.tokens.explain('the river rose')).map(({ id }) => id);
    expect(await model.tokens.decode(ids)).toBe('the river rose');
    expect(await model.tokens.decode(ids, { skipSpecialTokens: false })).not.toBe('the river rose');
  });

  it('refuses what is no text or token, by its index', async () => {
    const { tokens } = await loadTiny('bert-mean');
    expect(await failure(() => tokens.encode(['a', 'b\ud800']))).toMatchObject({
      code: 'INPUT_INVALID',
      data: { index: 1 },
    });
    for (const bad of [[], [1, -1], [1.5], [1e9]]) {
      const error = await failure(() => tokens.fromIds([[1, 2], bad]));
      expect(error).toMatchObject({ code: 'INPUT_INVALID', data: { index: 1 } });
    }
    expect(await failure(() => tokens.decode([1e9]))).toMatchObject({ code: 'INPUT_INVALID' });
    expect(await failure(() => tokens.encode(['a'], { promptName: 'none' }))).toMatchObject({ code: 'CONFIG_INVALID' });
    const wrongSide: object = { truncationSide: 'middle' };
    expect(await failure(() => tokens.encode(['a'], wrongSide))).toMatchObject({
      code: 'CONFIG_INVALID',
    });
  });

  it('ends a run on the signal and at the deadline', async () => {
    const { tokens } = await loadTiny('bert-mean');
    const encoded = await tokens.encode(TEXTS);
    const onRows = (): void => undefined;
    expect(await failure(() => tokens.run(encoded, { onRows, signal: AbortSignal.abort() }))).toMatchObject({
      code: 'ABORTED',
    });
    expect(await failure(() => tokens.run(encoded, { onRows, deadline: Date.now() - 1 }))).toMatchObject({
      code: 'DEADLINE_EXCEEDED',
    });
  });
});
