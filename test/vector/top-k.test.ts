import { topK } from '#src/vector/top-k.js';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

describe('the k best scores', () => {
  it('are those of a full stable sort, ties in the order of their indices', () => {
    const scores = fc.array(fc.oneof(fc.integer({ min: -3, max: 3 }), fc.float({ noNaN: true })), { maxLength: 60 });
    fc.assert(
      fc.property(scores, fc.integer({ min: 1, max: 70 }), (values, k) => {
        const sorted = values.map((score, index) => ({ index, score })).sort((a, b) => b.score - a.score || 0);
        expect(topK(values, k)).toEqual(sorted.slice(0, k));
      }),
    );
  });

  it('include infinities in their order', () => {
    expect(topK(Float32Array.of(-Infinity, 0, Infinity), 2).map(({ index }) => index)).toEqual([2, 1]);
  });

  it('refuse a NaN wherever it stands, naming its index', () => {
    for (const scores of [Float32Array.of(Number.NaN, 1), Float32Array.of(3, 2, 1, Number.NaN)]) {
      const index = scores.length === 2 ? 0 : 3;
      expect(() => topK(scores, 1)).toThrow(expect.objectContaining({ code: 'INPUT_INVALID', data: { index } }));
    }
  });

  it.each([0, -1, 1.5, Number.NaN])('refuse k = %s', (k) => {
    expect(() => topK([1], k)).toThrow(expect.objectContaining({ code: 'CONFIG_INVALID' }));
  });
});
