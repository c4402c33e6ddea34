import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { openVectorFile } from '#src/files/vectors/read/open-vector-file.js';
import { visitLevelRuns } from '#src/files/vectors/read/parquet/level-runs.js';
import { isIsovecError } from '#src/shared/isovec-error.js';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { failureOf, FIXTURES, folderWith, readAll } from './vector-samples.js';

const fixture = (name: string): string => path.join(FIXTURES, `${name}.parquet`);
/** What generate.py puts into the files that are whole. */
const EXPECTED = Array.from({ length: 200 }, (_, index) => index / 8 - 3);

describe('a Parquet file by pyarrow', () => {
  it.each(['defaults', 'plain-v1', 'plain-v2', 'dictionary-v2', 'byte-stream-split', 'small-pages-v1'])(
    'with %s gives its vectors, texts and other columns',
    async (name) => {
      expect(await readAll(fixture(name))).toEqual(EXPECTED);
      const file = await openVectorFile(fixture(name));
      const records = await file.records([49, 0, 21, 0, 99]);
      expect(Object.fromEntries(records)).toEqual({
        0: { text: 'text 0', values: { id: 0n } },
        21: { text: 'text 21', values: { id: 21n } },
        49: { text: 'text 49', values: { id: 49n } },
      });
      await file.close();
    },
  );

  it('may hold lists without nulls by its schema, under any name if there is one only, and vectors of one number', async () => {
    expect(await readAll(fixture('required'))).toEqual(EXPECTED);
    expect(await readAll(fixture('one-dimension'))).toEqual(EXPECTED.filter((_, index) => index % 4 === 0));
    expect(await readAll(fixture('several'), { vectorColumn: 'b' })).toEqual(EXPECTED.slice(0, 24));
    expect(await readAll(fixture('no-rows'), { dimensions: 3 })).toEqual([]);
  });

  it.each([
    ['null-row', /^FORMAT_INVALID: Row 4 of .*null-row.*4 dimensions in its column embedding/],
    ['null-value', /^FORMAT_INVALID: Row 2 of /],
    ['empty-row', /^FORMAT_INVALID: Row 3 of /],
    ['short-row', /^FORMAT_INVALID: Row 5 of /],
    ['long-row', /^FORMAT_INVALID: Row 3 of /],
    ['nan', /^FORMAT_INVALID: Row 6 of .* holds NaN/],
    ['float64', /^INPUT_INVALID: .*lists of float64 in its column "embedding".*Cast/],
    ['several', /^INPUT_INVALID: .*several columns .*"a", "b".*--vector-column/],
    ['no-lists', /^INPUT_INVALID: .*no column of lists of float32; its columns are "text", "id"/],
    ['no-rows', /^INPUT_INVALID: .*no rows/],
  ])('with %s is refused, naming what is wrong', async (name, message) => {
    expect(await failureOf(() => readAll(fixture(name)))).toMatch(message);
  });

  it('is asked for a column that it has', async () => {
    const ask = (vectorColumn: string): Promise<string> =>
      failureOf(() => readAll(fixture('defaults'), { vectorColumn }));
    expect(await ask('embeding')).toMatch(/no column "embeding"; its columns are "id", "text", "embedding"/);
    expect(await ask('text')).toMatch(/holds no lists in its column "text"/);
    expect(await failureOf(() => readAll(fixture('defaults'), { textColumn: 'id' }))).toMatch(
      /no column "id" of strings; its columns of strings are "text".*--column/,
    );
  });

  it('that is cut short or changed anywhere gives an error of ours, or the same number of finite values', async () => {
    const whole = await Promise.all(['defaults', 'plain-v2', 'dictionary-v2'].map((name) => readFile(fixture(name))));
    await using folder = await folderWith({});
    const file = folder.file('changed.parquet');
    const change = fc.record({ which: fc.nat(2), at: fc.nat(3999), byte: fc.nat(255), cut: fc.boolean() });
    await fc.assert(
      fc.asyncProperty(change, async ({ which, at, byte, cut }) => {
        const bytes = Buffer.from(whole[which] ?? []);
        const place = at % bytes.length;
        bytes[place] = byte;
        await writeFile(file, cut ? bytes.subarray(0, place) : bytes);
        const abort = new AbortController();
        const values = await readAll(file, { signal: abort.signal }).catch((error: unknown) => {
          if (isIsovecError(error) && ['FORMAT_INVALID', 'INPUT_INVALID'].includes(error.code)) return undefined;
          throw error;
        });
        if (values !== undefined) {
          expect(cut).toBe(false);
          expect(values.every(Number.isFinite)).toBe(true);
        }
      }),
      { numRuns: 400 },
    );
  });
});

describe('levels', () => {
  /** Runs as the hybrid encoding writes them: either repeated, or packed in groups of eight. */
  const encode = (runs: readonly { level: number; times: number; packed: boolean }[], bits: number): number[] =>
    runs.flatMap(({ level, times, packed }) => {
      if (!packed) return [...varint(times * 2), level];
      const packedBits = Array.from({ length: 8 * bits }, (_, bit) => (level >> (bit % bits)) & 1);
      const group = Array.from({ length: bits }, (_, byte) =>
        packedBits.slice(byte * 8, byte * 8 + 8).reduce((sum, bit, place) => sum + bit * 2 ** place, 0),
      );
      return [...varint(times * 2 + 1), ...Array.from({ length: times }, () => group).flat()];
    });
  const varint = (value: number): number[] =>
    value < 128 ? [value] : [(value & 127) | 128, ...varint(Math.floor(value / 128))];

  it('are visited in order, whatever their runs and widths', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 3 }).chain((bits) =>
          fc.tuple(
            fc.constant(bits),
            fc.array(
              fc.record({
                level: fc.nat(2 ** bits - 1),
                times: fc.integer({ min: 1, max: 300 }),
                packed: fc.boolean(),
              }),
              { minLength: 1, maxLength: 20 },
            ),
            fc.nat(7),
          ),
        ),
        ([bits, runs, spare]) => {
          const expected = runs.flatMap(({ level, times, packed }) =>
            Array<number>(packed ? times * 8 : times).fill(level),
          );
          // The last group of eight may be longer than the page.
          if (runs.at(-1)?.packed === true) expected.length -= spare;
          const seen: number[] = [];
          const done = visitLevelRuns(Uint8Array.from(encode(runs, bits)), bits, expected.length, (level, length) => {
            for (let i = 0; i < length; i++) seen.push(level);
            return true;
          });
          expect(done).toBe(true);
          expect(seen).toEqual(expected);
          expect(() => visitLevelRuns(Uint8Array.from(encode(runs, bits)), bits, 1e6, () => true)).toThrow('end early');
        },
      ),
    );
  });

  it('end where the visitor has seen enough', () => {
    expect(visitLevelRuns(Uint8Array.of(2 * 5, 1, 2 * 5, 0), 1, 10, (level) => level === 1)).toBe(false);
    expect(() => visitLevelRuns(Uint8Array.of(0, 1), 1, 10, () => true)).toThrow('empty');
  });
});
