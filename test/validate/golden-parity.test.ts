import { readFileSync } from 'node:fs';
import { obtainFiles } from '#src/engine/load-model.js';
import { readSettings } from '#src/engine/settings.js';
import type { Embedder } from '#src/index.js';
import { validateModel, type ValidationReport } from '#src/validate/index.js';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { loadRealModel, REAL_MODEL } from '../support/real-model.js';

const folder = new URL('../../data/validation/sentence-transformers--all-MiniLM-L6-v2/', import.meta.url);
const lines = (name: string): unknown[] =>
  readFileSync(new URL(name, folder), 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as unknown);
const texts = z.array(z.object({ id: z.string(), text: z.string() })).parse(lines('texts.jsonl'));
const tokens = z
  .array(z.object({ input_ids: z.array(z.number()), untruncated_length: z.number() }))
  .parse(lines('tokens.jsonl'));

/** Reads a file of numbers without the product's own code. */
function numbers(name: string): number[] {
  const buffer = readFileSync(new URL(name, folder));
  return Array.from({ length: buffer.length / 4 }, (_, i) => buffer.readFloatLE(i * 4));
}

function largestError(actual: ArrayLike<number>, expected: readonly number[], count: number = expected.length): number {
  let largest = 0;
  for (let i = 0; i < count; i++) {
    const error = Math.abs((actual[i] ?? Number.NaN) - (expected[i] ?? Number.NaN));
    if (!(error <= largest)) largest = error;
  }
  return largest;
}

let model: Embedder;
let report: ValidationReport;

beforeAll(async () => {
  model = await loadRealModel();
  report = await validateModel(REAL_MODEL);
});

afterAll(async () => {
  await model.close();
});

describe('all-MiniLM-L6-v2, obtained by its name', () => {
  it('gives the vectors of Python for all 326 texts, counted by loops of the test’s own', async () => {
    const batch = await model.encodeBatch(texts.map(({ text }) => text));
    expect([batch.count, batch.dimensions]).toEqual([326, 384]);
    const float32 = numbers('vectors.f32');
    const remainders = numbers('remainders.f32');
    const float64 = float32.map((value, i) => value + (remainders[i] ?? Number.NaN));
    expect(largestError(batch.data, float32, 10 * 384)).toBeLessThanOrEqual(2.14e-7);
    expect(largestError(batch.data, float32)).toBeLessThanOrEqual(3.5e-7);
    expect(largestError(batch.data, float64)).toBeLessThanOrEqual(3e-7);
    expect(Array.from(batch.tokens)).toEqual(tokens.map(({ input_ids: ids }) => ids.length));
    expect(Array.from(batch.truncated)).toEqual(
      tokens.map(({ input_ids: ids, untruncated_length: full }) => (full > ids.length ? 1 : 0)),
    );
  });

  it('passes its validation, with every check done', () => {
    expect(report.checks.map(({ name, outcome }) => `${outcome} ${name}`)).toEqual([
      'pass same-model',
      'pass scenarios/python-float32',
      'pass golden-set/python-float32',
      'pass scenarios/python-float64',
      'pass golden-set/python-float64',
      'pass token-ids',
      'pass truncation',
      'pass neighbours',
      'pass norm',
      'pass finite',
    ]);
    expect(report).toMatchObject({ verdict: 'pass', failedChecks: [], model: REAL_MODEL, notes: [] });
    expect(report.reference.versions).toMatchObject({ 'sentence-transformers': '6.2.0' });
  });

  it('is judged by the tolerances that are promised', () => {
    expect(report.groups.map(({ group, source, texts: count, limit }) => [group, source, count, limit])).toEqual([
      ['scenarios', 'python-float32', 10, 2.14e-7],
      ['golden-set', 'python-float32', 326, 3.5e-7],
      ['scenarios', 'python-float64', 10, 3e-7],
      ['golden-set', 'python-float64', 326, 3e-7],
    ]);
  });

  it('has every text in the report, with its token ids, cuts and bits', () => {
    expect(report.cases.map(({ id }) => id)).toEqual(texts.map(({ id }) => id));
    expect(report.cases.every(({ tokenIds, bitIdentical }) => tokenIds === 'same' && bitIdentical === true)).toBe(true);
    expect(report.cases.map(({ untruncatedTokens }) => untruncatedTokens)).toEqual(
      tokens.map(({ untruncated_length: full }) => full),
    );
    expect(report.truncatedTexts.length).toBe(11);
  });

  it('survives JSON', () => {
    expect(JSON.parse(JSON.stringify(report))).toEqual(report);
  });
});

describe('the same weights in a folder of another name', () => {
  it('are recognised by their digest, and the scenarios alone suffice where asked for', async () => {
    const { root } = await obtainFiles(REAL_MODEL, {}, readSettings());
    const short = await validateModel(root, { scenarios: true, reference: true });
    expect(short.reference.kind).toBe('golden');
    expect(short.cases.length).toBe(10);
    expect(short.groups.map(({ group, source }) => `${group} ${source}`)).toEqual([
      'scenarios python-float32',
      'scenarios python-float64',
      'scenarios own-float64',
    ]);
    expect(short.verdict).toBe('pass');
  });
});
