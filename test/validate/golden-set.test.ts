import { createHash } from 'node:crypto';
import { appendFileSync, cpSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { listGoldenSets, loadGoldenSet } from '#src/validate/golden-set.js';
import { describe, expect, it } from 'vitest';
import { temporaryFolder } from './tiny-models.js';

const shipped = fileURLToPath(
  new URL('../../data/validation/sentence-transformers--all-MiniLM-L6-v2', import.meta.url),
);
const root = temporaryFolder();
let copies = 0;

function copy(): string {
  const folder = path.join(root, String(copies++));
  cpSync(shipped, folder, { recursive: true });
  return folder;
}

/** Changes a file, and its digest too, so that only the contents are wrong. */
function rewrite(folder: string, name: string, change: (text: string) => string): void {
  const file = path.join(folder, name);
  const bytes = Buffer.from(change(readFileSync(file, 'latin1')), 'latin1');
  const old = createHash('sha256').update(readFileSync(file)).digest('hex');
  writeFileSync(file, bytes);
  const expectation = path.join(folder, 'expectation.json');
  const digest = createHash('sha256').update(bytes).digest('hex');
  writeFileSync(expectation, readFileSync(expectation, 'utf8').replace(old, digest));
}

describe('the golden set in the package', () => {
  it('is found and whole: 326 texts, the ten scenarios first', async () => {
    const sets = await listGoldenSets();
    expect(sets.map(({ expectation }) => expectation.model)).toEqual(['sentence-transformers/all-MiniLM-L6-v2']);
    const set = await loadGoldenSet(sets[0]?.folder ?? '');
    expect([set.texts.length, set.float32.length, set.float64.length]).toEqual([326, 326, 326]);
    expect(set.texts.map(({ scenario }) => scenario).lastIndexOf(true)).toBe(9);
    expect(set.texts.filter(({ scenario }) => scenario).length).toBe(10);
    expect(set.texts[9]).toEqual({
      id: 'p0009',
      label: 'empty',
      text: '',
      scenario: true,
      inputIds: [101, 102],
      untruncatedLength: 2,
    });
  });

  it('holds vectors of length 1 that agree with each other in both precisions', async () => {
    const { float32, float64 } = await loadGoldenSet(shipped);
    for (const [row, single] of float32.entries()) {
      const double = float64[row] ?? new Float64Array();
      expect([single.length, double.length]).toEqual([384, 384]);
      expect(Math.abs(Math.hypot(...double) - 1)).toBeLessThan(1e-12);
      expect(double.every((value, i) => Math.abs(value - (single[i] ?? Number.NaN)) < 2.6e-7)).toBe(true);
    }
  });
});

describe('a damaged golden set', () => {
  it.each(['texts.jsonl', 'tokens.jsonl', 'vectors.f32', 'remainders.f32'])(
    'is refused by the digest of %s',
    async (name) => {
      const folder = copy();
      appendFileSync(path.join(folder, name), '\n');
      await expect(loadGoldenSet(folder)).rejects.toThrow(
        expect.objectContaining({ code: 'DIGEST_MISMATCH', message: expect.stringContaining(name) as string }),
      );
    },
  );

  it.each<[string, string, (text: string) => string]>([
    ['a line too few', 'texts.jsonl', (text) => text.slice(text.indexOf('\n') + 1)],
    ['a text without tags', 'texts.jsonl', (text) => text.replace('"tags"', '"labels"')],
    ['tokens of other texts', 'tokens.jsonl', (text) => text.split('\n').toReversed().join('\n').trim()],
    ['a negative id', 'tokens.jsonl', (text) => text.replace('[101,', '[-1,')],
    ['a vector too few', 'vectors.f32', (text) => text.slice(384 * 4)],
    ['half a value', 'remainders.f32', (text) => text.slice(2)],
    ['an unknown tolerance', 'expectation.json', (text) => text.replace('"float32"', '"float16"')],
    ['a digest that is none', 'expectation.json', (text) => text.replace('"checkpoint": "', '"checkpoint": "x')],
  ])('is refused for %s', async (_, name, change) => {
    const folder = copy();
    rewrite(folder, name, change);
    await expect(loadGoldenSet(folder)).rejects.toThrow(
      expect.objectContaining({ code: 'FORMAT_INVALID', message: expect.stringContaining(name) as string }),
    );
  });

  it.each(['expectation.json', 'vectors.f32'])('is reported as a broken installation without %s', async (name) => {
    const folder = copy();
    rmSync(path.join(folder, name));
    await expect(loadGoldenSet(folder)).rejects.toThrow(
      expect.objectContaining({ code: 'INTERNAL', message: expect.stringContaining(name) as string }),
    );
  });
});
