import { type Embedder, loadModel } from '#src/index.js';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { loadRealModel } from '../support/real-model.js';
import { temporaryFolder, tinyFolder } from './tiny-models.js';

/** Words of several scripts, one to several tokens each. */
const WORDS = [
  'river',
  'Straße',
  '東京',
  'naïve',
  '42',
  'неправильный',
  '🙂',
  'def',
  '[SEP]',
  'supercalifragilistic',
  '.',
];
const ALONE_SAMPLE = 40;
const word = fc.constantFrom(...WORDS);
/** From the empty text to far beyond the limits of both models. */
const anyText = fc.array(word, { maxLength: 400, size: 'max' }).map((words) => words.join(' '));

function bits(vector: Float32Array): string {
  return Buffer.from(vector.buffer, vector.byteOffset, vector.byteLength).toString('hex');
}

/** A seeded mixture: many short texts, some long ones, in no order. */
function mixedTexts(count: number, longest: number): string[] {
  let state = 12345;
  const next = (below: number): number => {
    state = (Math.imul(state, 1103515245) + 12345) & 0x7fffffff;
    return (state >>> 8) % below;
  };
  return Array.from({ length: count }, () => {
    const length = next(10) === 0 ? next(longest) : next(12);
    return Array.from({ length }, () => WORDS[next(WORDS.length)] ?? '').join(' ');
  });
}

async function expectSameBits(model: Embedder, texts: readonly string[]): Promise<void> {
  const sample = texts.map((_, index) => index).filter((index) => index % Math.ceil(texts.length / ALONE_SAMPLE) === 0);
  const alone = new Map<number, string>();
  for (const index of sample) alone.set(index, bits(await model.encode(texts[index] ?? '')));
  const batch = await model.encodeBatch(texts);
  const [backwards, ...concurrent] = await Promise.all([
    model.encodeBatch(texts.toReversed()),
    ...sample.map((index) => model.encode(texts[index] ?? '')),
    model.encode(texts.slice(0, 50).join(' ')),
  ]);
  for (const [order, index] of sample.entries()) {
    const wanted = alone.get(index);
    expect(bits(batch.row(index)), `text ${index} in a batch`).toBe(wanted);
    expect(bits(backwards.row(texts.length - 1 - index)), `text ${index} in a reversed batch`).toBe(wanted);
    expect(bits(concurrent[order] ?? new Float32Array()), `text ${index} among concurrent calls`).toBe(wanted);
  }
}

describe('neighbours', () => {
  const cache = temporaryFolder();

  it.each(['bert-mean', 'bert-max', 'bert-multipool', 'bert-dense'])(
    'do not matter to any text of %s: its bits are the same alone, in a batch and under load',
    async (name) => {
      await using model = await loadModel(tinyFolder(name), { cache, threads: 3 });
      await fc.assert(
        fc.asyncProperty(fc.array(anyText, { minLength: 1, maxLength: 60, size: 'max' }), async (texts) => {
          await expectSameBits(model, texts);
        }),
        { numRuns: 12, endOnFailure: true },
      );
      await expectSameBits(model, mixedTexts(1000, 120));
    },
  );

  describe('of the real model', () => {
    let model: Embedder;

    beforeAll(async () => {
      model = await loadRealModel();
    });

    afterAll(async () => {
      await model.close();
    });

    it('do not matter either, over 1,000 mixed texts on all workers', async () => {
      await expectSameBits(model, mixedTexts(1000, 60));
    });
  });
});
