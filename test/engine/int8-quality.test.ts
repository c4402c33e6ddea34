import { readFile } from 'node:fs/promises';
import path from 'node:path';

import type { EmbeddingBatch } from '#src/index.js';
import { beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';

import { loadRealModel } from '../support/real-model.js';

const DATA = path.resolve(import.meta.dirname, '../../data');
const NEIGHBOURS = 10;

async function textsOf(file: string): Promise<string[]> {
  const lines = (await readFile(path.join(DATA, file), 'utf8')).trim().split('\n');
  return lines.map((line) => z.object({ text: z.string() }).parse(JSON.parse(line)).text);
}

function dot(left: Float32Array, right: Float32Array): number {
  return left.reduce((sum, value, i) => sum + value * (right[i] ?? NaN), 0);
}

type Rows = readonly Float32Array[];

/** The ten nearest of a corpus to each query, without the query's own text. */
function neighbours(queries: Rows, corpus: Rows): number[][] {
  return queries.map((query, i) => {
    const scores = corpus.map((row) => dot(query, row));
    const others = [...corpus.keys()].filter((other) => other !== i);
    return others.sort((a, b) => (scores[b] ?? 0) - (scores[a] ?? 0)).slice(0, NEIGHBOURS);
  });
}

function overlap(found: number[][], expected: number[][]): number {
  const shared = found.map((list, i) => list.filter((other) => expected[i]?.includes(other)).length);
  return shared.reduce((sum, count) => sum + count, 0) / (found.length * NEIGHBOURS);
}

// What was measured, less a little for processors whose float32 kernels round otherwise during calibration: with weights of
// 8 bits, and of 7 on processors that add products inexactly.
describe.each([
  [
    'golden texts',
    'validation/sentence-transformers--all-MiniLM-L6-v2/texts.jsonl',
    { 8: [0.9991, 0.9978, 0.995], 7: [0.9984, 0.9955, 0.994] },
  ],
  ['evaluation texts', 'int8/evaluation.jsonl', { 8: [0.9993, 0.9976, 0.9965], 7: [0.9988, 0.9967, 0.996] }],
] as const)('all-MiniLM-L6-v2 in int8 on %s', (_, file, bounds) => {
  let weightBits: 7 | 8 = 8;
  let exact: Rows = [];
  let near: Rows = [];
  let weightsBytes = Infinity;

  beforeAll(async () => {
    const texts = await textsOf(file);
    const rows = (batch: EmbeddingBatch): Rows => texts.map((_text, i) => batch.row(i));
    await using float = await loadRealModel();
    await using int8 = await loadRealModel({ dtype: 'int8' });
    exact = rows(await float.encodeBatch(texts));
    near = rows(await int8.encodeBatch(texts));
    weightBits = int8.info().quantization?.weightBits ?? 8;
    weightsBytes = int8.info().quantization?.weightsBytes ?? Infinity;
  }, 600_000);

  it('is near float32, text by text', () => {
    const [mean, first, least] = bounds[weightBits];
    const cosines = exact.map((row, i) => dot(row, near[i] ?? new Float32Array())).sort((a, b) => a - b);
    expect(cosines.reduce((sum, cosine) => sum + cosine, 0) / cosines.length).toBeGreaterThan(mean);
    expect(cosines[Math.floor(cosines.length / 100)]).toBeGreaterThan(first);
    expect(cosines[0]).toBeGreaterThan(least);
  });

  it('finds the same neighbours, among its own vectors and among those of float32', () => {
    const expected = neighbours(exact, exact);
    expect(overlap(neighbours(near, near), expected)).toBeGreaterThan(0.965);
    expect(overlap(neighbours(near, exact), expected)).toBeGreaterThan(0.975);
  });

  it('is small', () => {
    expect(weightsBytes).toBeLessThan(24_000_000);
  });
});
