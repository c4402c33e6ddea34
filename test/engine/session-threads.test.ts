import { createHash } from 'node:crypto';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';

import { expect, it } from 'vitest';

import { scaledModel } from './support/scaled-model.js';
import { copyOfTiny, failure, loadFolder, loadTiny, temporaryFolder } from './support/tiny-model.js';

it('flush denormal numbers to zero, on every thread, and leave the main thread as it was', async () => {
  const model = await loadFolder(await scaledModel(1e-20, 1e-20), { threads: 3 });
  await expect.poll(() => model.health().readyWorkers).toBe(3);
  const batch = await model.encodeBatch(Array.from({ length: 60 }, (_, i) => `text ${'a '.repeat(i % 20)}`));
  expect(batch.data.every((value) => value === 0)).toBe(true);
  expect([1e-160].map((value) => value * value)[0]).toBeGreaterThan(0);
});

it('keep small numbers that are not denormal', async () => {
  const model = await loadFolder(await scaledModel(1e-20, 1e-10));
  const vector = await model.encode('the river');
  expect(vector.some((value) => value !== 0 && Math.abs(value) < 1e-29)).toBe(true);
});

it('refuse a model whose finite weights give numbers that are not, and keep nothing of it', async () => {
  const cache = await temporaryFolder();
  const folder = await scaledModel(1e30, 1e30);
  const error = await failure(() => loadFolder(folder, { cache }));
  expect(error.code).toBe('FORMAT_INVALID');
  expect(error.message).toContain('not finite');
  expect(await readdir(path.join(cache, 'prepared'))).toEqual([]);
});

it('refuse such a model at its first call when nothing was warmed up', async () => {
  const model = await loadFolder(await scaledModel(1e30, 1e30), { warmUp: false });
  expect(model.info().timings.warmUp).toBe(0);
  const error = await failure(() => model.encode('the river'));
  expect(error.code).toBe('FORMAT_INVALID');
  expect(error.message).toContain('not finite');
});

it('give the same vectors whichever thread a session runs on, also after another model has left', async () => {
  const first = await loadTiny('bert-mean');
  const expected = await first.encode('the river');
  const second = await loadTiny('bert-mean', { threads: 2 });
  await expect.poll(() => second.health().readyWorkers).toBe(2);
  const together = await second.encodeBatch(Array.from({ length: 40 }, () => 'the river'));
  await first.close();
  const third = await loadTiny('bert-mean');
  for (const row of [...together, await third.encode('the river')]) expect(row).toEqual(expected);
});

it('join without degrading the model', async () => {
  const model = await loadTiny('bert-mean', { threads: 3 });
  expect(model.health()).toMatchObject({ status: 'ok', workers: 3 });
  await expect.poll(() => model.health().readyWorkers).toBe(3);
  expect(model.health().status).toBe('ok');
});

it('are closed whole when the tokenizer is refused while the session loads', async () => {
  const folder = await copyOfTiny('bert-mean');
  const cache = await temporaryFolder();
  await (await loadFolder(folder, { cache })).close();
  const [key = ''] = await readdir(path.join(cache, 'prepared'));
  const prepared = path.join(cache, 'prepared', key);
  const names = ['prepared.json', 'tokenizer.json', 'graph.onnx'];
  await writeFile(path.join(prepared, 'tokenizer.json'), '{}');
  const contents = await Promise.all(names.map((name) => readFile(path.join(prepared, name))));
  const hash = createHash('sha256');
  for (const content of contents) hash.update(`${content.byteLength}\n`).update(content);
  await writeFile(path.join(prepared, 'prepared.sha256'), hash.digest('hex'));
  const error = await failure(() => loadFolder(folder, { cache, threads: 2 }));
  expect(error).toMatchObject({ code: 'FORMAT_INVALID', data: { file: 'tokenizer.json' } });
});
