import { describe, expect, it } from 'vitest';

import { meanMeasures, measureRanking } from '../../benchmarks/memory/retrieval-measures.js';

describe('measureRanking', () => {
  it('is 1 for the best ranking and 0 where nothing relevant is near the top', () => {
    expect(measureRanking([3, 1, 2], new Set([3, 1]))).toEqual({ recallAt5: 1, ndcgAt10: 1 });
    const far = Array.from({ length: 20 }, (_, i) => i);
    expect(measureRanking(far, new Set([15]))).toEqual({ recallAt5: 0, ndcgAt10: 0 });
  });

  it('discounts by the logarithm of the place', () => {
    expect(measureRanking([9, 8, 1], new Set([1])).ndcgAt10).toBeCloseTo(0.5, 12);
    expect(measureRanking([1, 8, 2], new Set([1, 2])).ndcgAt10).toBeCloseTo(1.5 / (1 + 1 / Math.log2(3)), 12);
  });

  it('counts of many relevant ones as many as have room among five', () => {
    const relevant = new Set([0, 1, 2, 3, 4, 5, 6]);
    expect(measureRanking([0, 1, 2, 3, 9, 4], relevant).recallAt5).toBeCloseTo(0.8, 12);
    expect(
      meanMeasures([
        { recallAt5: 1, ndcgAt10: 0 },
        { recallAt5: 0, ndcgAt10: 1 },
      ]),
    ).toEqual({ recallAt5: 0.5, ndcgAt10: 0.5 });
  });
});
