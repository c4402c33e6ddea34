import { poolingWeights, type LinearPoolingMode } from '#src/vector/pooling-weights.js';
import { describe, expect, it } from 'vitest';

const rows: [LinearPoolingMode, number, number, number[]][] = [
  ['cls', 4, 0, [1, 0, 0, 0]],
  ['cls', 4, 2, [0, 0, 1, 0]],
  ['mean', 4, 0, [0.25, 0.25, 0.25, 0.25]],
  ['mean', 4, 3, [0, 0, 0, 1]],
  ['mean', 3, 1, [0, 0.5, 0.5]],
  ['mean_sqrt_len_tokens', 4, 0, [0.5, 0.5, 0.5, 0.5]],
  ['mean_sqrt_len_tokens', 4, 2, [0, 0, Math.SQRT1_2, Math.SQRT1_2]],
  ['weightedmean', 3, 0, [1 / 6, 2 / 6, 3 / 6]],
  ['weightedmean', 4, 2, [0, 0, 3 / 7, 4 / 7]],
  ['lasttoken', 3, 0, [0, 0, 1]],
  ['lasttoken', 3, 2, [0, 0, 1]],
  // The whole attention mask is zero: argmax gives position 0 for cls, every sum is empty for the others.
  ['cls', 2, 2, [1, 0]],
  ['mean', 2, 5, [0, 0]],
  ['mean_sqrt_len_tokens', 2, 2, [0, 0]],
  ['weightedmean', 2, 2, [0, 0]],
  ['lasttoken', 2, 2, [0, 0]],
];

describe('pooling weights', () => {
  it.each(rows)('of %s over %d tokens, prompt %d', (mode, length, promptLength, expected) => {
    expect(Array.from(poolingWeights(mode, length, promptLength))).toEqual(expected.map(Math.fround));
  });

  it('sum to one for the means, at every length', () => {
    for (let length = 1; length <= 512; length += 17) {
      for (const mode of ['mean', 'weightedmean'] as const) {
        const sum = poolingWeights(mode, length, length >> 2).reduce((total, weight) => total + weight, 0);
        expect(sum).toBeCloseTo(1, 5);
      }
    }
  });

  it.each([
    [0, 0],
    [1.5, 0],
    [3, -1],
    [3, Number.NaN],
  ])('refuse length %s with prompt %s', (length, promptLength) => {
    expect(() => poolingWeights('mean', length, promptLength)).toThrow(
      expect.objectContaining({ code: 'INPUT_INVALID' }),
    );
  });
});
