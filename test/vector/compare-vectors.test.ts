import { compareVectors } from '#src/vector/compare-vectors.js';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

describe('comparing vectors', () => {
  it('reports errors per row and over all', () => {
    const result = compareVectors(
      [
        [1, 0],
        [0, 1.5],
      ],
      [
        [1, 0],
        [0.25, 1],
      ],
    );
    expect(result.rows[0]).toEqual({
      row: 0,
      finite: true,
      maxAbsError: 0,
      meanAbsError: 0,
      cosine: 1,
      cosineDistance: 0,
    });
    expect(result.rows[1]).toMatchObject({ maxAbsError: 0.5, meanAbsError: 0.375 });
    expect(result).toMatchObject({ worstRow: 1, maxAbsError: 0.5, meanAbsError: 0.1875, nonFiniteRows: 0 });
    expect(result.minCosine).toBeCloseTo(1 / Math.sqrt(1 + 1 / 16), 14);
  });

  it('resolves cosine distances far below the rounding of one minus a cosine', () => {
    const angle = 1e-10;
    const { maxCosineDistance } = compareVectors([[Math.cos(angle), Math.sin(angle)]], [[1, 0]]);
    expect(maxCosineDistance / (angle ** 2 / 2)).toBeCloseTo(1, 5);
  });

  it('agrees with the textbook cosine and ignores positive scale', () => {
    const vector = fc.array(fc.double({ min: -9, max: 9, noNaN: true }), { minLength: 3, maxLength: 3 });
    fc.assert(
      fc.property(vector, vector, fc.double({ min: 0.1, max: 10, noNaN: true }), (a, b, scale) => {
        const length = (v: number[]): number => Math.sqrt(v.reduce((sum, x) => sum + x * x, 0));
        fc.pre(length(a) > 1e-3 && length(b) > 1e-3);
        const cosine = a.reduce((sum, x, i) => sum + x * (b[i] ?? 0), 0) / length(a) / length(b);
        expect(compareVectors([a.map((x) => x * scale)], [b]).minCosine).toBeCloseTo(cosine, 12);
      }),
    );
  });

  it.each([Number.NaN, Infinity, -Infinity])('never passes a row with %s, on either side or on both', (bad) => {
    const good = [[1, 2]];
    const broken = [[1, bad]];
    for (const [a, b] of [
      [broken, good],
      [good, broken],
      [broken, broken],
    ] as const) {
      expect(compareVectors([...a, [3, 4]], [...b, [0, 0]])).toMatchObject({
        nonFiniteRows: 1,
        worstRow: 0,
        maxAbsError: Infinity,
        meanAbsError: Infinity,
        minCosine: -1,
        maxCosineDistance: 2,
      });
    }
  });

  it('takes two zero vectors as equal, one as unlike any other', () => {
    expect(compareVectors([[0, 0]], [[0, 0]]).minCosine).toBe(1);
    expect(compareVectors([[0, 0]], [[1, 0]]).minCosine).toBe(0);
  });

  it('refuses different numbers of rows, different lengths and nothing at all', () => {
    const refused: unknown = expect.objectContaining({ code: 'INPUT_INVALID' });
    expect(() => compareVectors([[1]], [[1], [2]])).toThrow(refused);
    expect(() => compareVectors([[1, 2]], [[1]])).toThrow(refused);
    expect(() => compareVectors([[]], [[]])).toThrow(refused);
    expect(() => compareVectors([], [])).toThrow(refused);
  });
});
