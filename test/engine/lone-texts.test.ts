import { loadModel } from '#src/index.js';
import { describe, expect, it, onTestFinished } from 'vitest';

import { loadRealModel } from '../support/real-model.js';

/** Texts of many lengths, in tokens up to the model's limit. */
const TEXTS = [
  '',
  'a',
  'the river rose',
  ...[7, 12, 13, 31, 64, 100, 127, 200, 300].map((n) => 'the old harbour '.repeat(n / 3)),
];

function bits(vector: Float32Array): string {
  return Buffer.from(vector.buffer, vector.byteOffset, vector.byteLength).toString('hex');
}

describe('a lone text', () => {
  it.each([2, 3, 4])('has the same bits on %i threads as on one', async (loneTextThreads) => {
    const narrow = await loadRealModel({ threads: 1, loneTextThreads: 1 });
    onTestFinished(() => narrow.close());
    const wide = await loadRealModel({ threads: loneTextThreads, loneTextThreads });
    onTestFinished(() => wide.close());
    const expected = await narrow.encodeBatch(TEXTS);
    await wide.warmUp();
    expect(wide.health()).toMatchObject({ readyWorkers: loneTextThreads, loneTextSession: true });
    for (const [index, text] of TEXTS.entries()) {
      expect(bits(await wide.encode(text)), `text ${index}`).toBe(bits(expected.row(index)));
    }
    expect(narrow.health().loneTextSession).toBe(false);
  });

  it('finds its session after a few lone texts', async () => {
    const model = await loadRealModel({ threads: 2 });
    onTestFinished(() => model.close());
    const isWide = async (): Promise<boolean> => {
      await model.encode('warm up');
      return model.health().loneTextSession;
    };
    await expect.poll(isWide, { timeout: 60_000 }).toBe(true);
  });

  it('is refused when the model is closed before all is ready', async () => {
    const model = await loadRealModel({ threads: 2 });
    const refused = expect(model.warmUp()).rejects.toMatchObject({ code: 'CLOSED' });
    await model.close();
    await refused;
    await expect(model.warmUp()).rejects.toMatchObject({ code: 'CLOSED' });
  });

  it('costs no second session in a process that embeds batches', async () => {
    const model = await loadRealModel({ threads: 2 });
    onTestFinished(() => model.close());
    for (let i = 0; i < 6; i++) await model.encodeBatch(TEXTS);
    expect(model.health().loneTextSession).toBe(false);
  });

  it.each([0, 1.5, 5000])('is refused %f threads', async (loneTextThreads) => {
    await expect(loadModel('some/model', { loneTextThreads })).rejects.toMatchObject({ code: 'CONFIG_INVALID' });
  });
});
