import type { BatchReport } from '#src/index.js';
import { expect, it } from 'vitest';

import { loadTiny } from './support/tiny-model.js';

const TEXTS = Array.from({ length: 200 }, (_, i) => `text ${i}${' the river'.repeat(i % 5)}`);

it('tells a listener of every batch from then on, until it is told to stop', async () => {
  const model = await loadTiny('bert-mean');
  await model.encodeBatch(TEXTS);
  const heard: BatchReport[] = [];
  const stop = model.onBatch((batch) => heard.push(batch));
  const batch = await model.encodeBatch(TEXTS);
  const sum = (of: (report: BatchReport) => number): number => heard.reduce((total, report) => total + of(report), 0);
  expect(sum(({ texts }) => texts)).toBe(TEXTS.length);
  expect(sum(({ tokens }) => tokens)).toBe(batch.tokens.reduce((total, count) => total + count, 0));
  expect(heard.length).toBeLessThan(TEXTS.length);
  for (const { milliseconds } of heard) expect(milliseconds).toBeGreaterThan(0);
  const before = heard.length;
  stop();
  await model.encodeBatch(TEXTS);
  expect(heard).toHaveLength(before);
});

it('says how many texts wait and for how long, and that none does afterwards', async () => {
  const model = await loadTiny('bert-mean', { threads: 1 });
  const health = (): [number, number] => [model.health().waitingTexts, model.health().oldestWaitMilliseconds];
  expect(health()).toEqual([0, 0]);
  const seen: [number, number][] = [];
  const stop = model.onBatch(() => seen.push(health()));
  await model.encodeBatch(TEXTS);
  stop();
  expect(Math.max(...seen.map(([waiting]) => waiting))).toBeGreaterThan(0);
  for (const [waiting, age] of seen) expect(age > 0).toBe(waiting > 0);
  expect(health()).toEqual([0, 0]);
});
