import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { encodeNpy } from '#src/formats/npy/encode-npy.js';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { jsonLines, run, type RunResult, temporaryFolder } from './command-line.js';

let home: Awaited<ReturnType<typeof temporaryFolder>>;
const inHome = (name: string): string => path.join(home.path, name);
const dedupe = (...args: string[]): Promise<RunResult> => run(['dedupe', ...args], { cwd: home.path });

/** Thirty directions far apart; row i has the direction i modulo 30, so rows 1, 31, 61 are a group. */
const ROWS = 95;
const DIRECTIONS = 30;

beforeAll(async () => {
  home = await temporaryFolder();
  const vectors = new Float32Array(ROWS * DIRECTIONS);
  for (let row = 0; row < ROWS; row++) vectors[row * DIRECTIONS + (row % DIRECTIONS)] = row + 1;
  await writeFile(inHome('vectors.npy'), encodeNpy(vectors, [ROWS, DIRECTIONS]));
  const text = (row: number): string => `text ${row + 1}${' that goes on'.repeat(row % 9)}\n`;
  await writeFile(inHome('texts.txt'), Array.from({ length: ROWS }, (_, row) => text(row)).join(''));
});
afterAll(() => home[Symbol.asyncDispose]());

describe('isovec dedupe', () => {
  it('shows the largest groups with their texts in 80 columns, and how much would remain', async () => {
    const { code, text, stderr } = await dedupe('--in', 'vectors.npy', '--texts', 'texts.txt');
    expect([code, stderr]).toEqual([0, expect.stringMatching(/^Comparing 95 vectors .* MB of memory/)]);
    expect(text).toContain('30 groups');
    expect(text).toContain('65 duplicates in 95 rows: 30 would remain');
    // Five directions have a fourth row; they come first.
    expect(text.indexOf('4 rows')).toBeLessThan(text.indexOf('3 rows'));
    expect(text.match(/^\d rows$/gm)).toHaveLength(20);
    expect(text).toMatch(/^ {9} {1,2}1 {2}text 1$/m);
    expect(text).toMatch(/^ {2}1\.000 {2}31 {2}text 31/m);
    expect(text).toContain('and 10 smaller groups');
    for (const line of text.split('\n')) expect(Array.from(line).length, line).toBeLessThanOrEqual(80);
  });

  it('gives all groups as one JSON object, and writes a line for each duplicate', async () => {
    const { code, text } = await dedupe('--in', 'vectors.npy', '--json', '--out', 'duplicates.jsonl', '-q');
    expect(code).toBe(0);
    const [found] = jsonLines(text);
    expect(found).toMatchObject({ rows: ROWS, duplicates: 65, remaining: 30, threshold: 0.95 });
    const groups = found?.['groups'] as { representative: number; duplicates: { row: number; score: number }[] }[];
    expect(groups.map(({ representative }) => representative)).toEqual(Array.from({ length: 30 }, (_, i) => i + 1));
    expect(groups[0]?.duplicates).toEqual([31, 61, 91].map((row) => ({ row, score: 1 })));
    const lines = jsonLines(await readFile(inHome('duplicates.jsonl'), 'utf8'));
    expect(lines).toEqual(
      Array.from({ length: 65 }, (_, i) => ({ row: i + 31, representative: ((i + 30) % 30) + 1, score: 1 })),
    );
  });

  it('replaces an output only when it is told to', async () => {
    await writeFile(inHome('precious.jsonl'), 'years of work');
    const refused = await dedupe('--in', 'vectors.npy', '--out', 'precious.jsonl');
    expect([refused.code, refused.stderr]).toEqual([2, expect.stringMatching(/exists already.*--force/)]);
    expect(await readFile(inHome('precious.jsonl'), 'utf8')).toBe('years of work');
    expect((await dedupe('--in', 'vectors.npy', '--out', 'precious.jsonl', '--force')).code).toBe(0);
    expect(jsonLines(await readFile(inHome('precious.jsonl'), 'utf8'))).toHaveLength(65);
  });

  it('finds nothing among vectors that are far apart', async () => {
    await writeFile(inHome('apart.npy'), encodeNpy(Float32Array.of(1, 0, 0, 1, 0, 0), [3, 2]));
    const { code, text } = await dedupe('--in', 'apart.npy', '--threshold', '0.5');
    expect([code, text]).toEqual([0, 'No two of 3 rows have a cosine of 0.5 or more.\n']);
  });

  it.each([
    [['--in', 'vectors.npy', '--threshold', '0'], 2, /threshold must be above 0/],
    [['--in', 'vectors.npy', '--threshold', '1.1'], 2, /at most 1, not 1\.1/],
    [['--in', 'vectors.npy', '--threshold', 'x'], 2, /must be a number/],
    [['--in', 'vectors.npy', '--max-memory', '0.000001'], 2, /limit is 1 MB.*--max-memory/],
    [['--in', 'vectors.npy', '--out', 'none/duplicates.jsonl'], 2, /none/],
    [['--in', 'none.npy'], 2, /none\.npy does not exist/],
    [['--in', 'texts.txt'], 2, /does not say/],
  ])('refuses %j', async (args, status, message) => {
    const { code, stderr, text } = await dedupe(...args);
    expect([code, text]).toEqual([status, '']);
    expect(stderr).toMatch(message);
  });
});
