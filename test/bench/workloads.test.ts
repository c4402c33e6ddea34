import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';

import { fileWorkload, generatedWorkload } from '#src/bench/index.js';
import { workloadDigest } from '#src/bench/workload/workload.js';

let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(path.join(os.tmpdir(), 'isovec-bench-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

it('the standard workload has 100 single texts and 10 batches of 32', () => {
  const { parts } = generatedWorkload('standard');
  expect(parts.map(({ name, count, calls }) => [name, count, calls.length, calls[0]?.length])).toEqual([
    ['single', 100, 100, 1],
    ['batch', 10, 10, 32],
  ]);
});

it('the digest is that of the texts, which the seed decides', () => {
  for (const name of ['standard', 'single', 'batch', 'mixed', 'long', 'lengths'] as const) {
    const digest = workloadDigest(generatedWorkload(name, { seed: 5 }));
    expect(digest).toMatch(/^[0-9a-f]{64}$/);
    expect(workloadDigest(generatedWorkload(name, { seed: 5 }))).toBe(digest);
    expect(workloadDigest(generatedWorkload(name, { seed: 6 }))).not.toBe(digest);
  }
  expect(() => generatedWorkload('huge')).toThrow('There is no workload "huge"');
});

it('a long run does not need texts of its own for every call', () => {
  expect(generatedWorkload('single', { calls: Infinity }).parts[0]?.calls).toHaveLength(1000);
});

it('a file of the user is read in its order, and rows without text are noted', async () => {
  const file = path.join(folder, 'questions.jsonl');
  await writeFile(file, '{"q":"one"}\n{"q":5}\n{"q":"two"}\n{"q":"three"}\n');
  const { name, parts, notes } = await fileWorkload(file, { column: 'q', batchSize: 2 });
  expect([name, parts[0]?.calls]).toEqual(['questions.jsonl', [['one', 'two'], ['three']]]);
  expect(notes).toEqual([expect.stringContaining('left out: 1')]);
  const empty = path.join(folder, 'empty.txt');
  await writeFile(empty, '');
  await expect(fileWorkload(empty)).rejects.toMatchObject({ code: 'INPUT_INVALID' });
});
