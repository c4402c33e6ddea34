import { describe, expect, it } from 'vitest';

import { type Point, principalPlane } from '../../page/src/map/principal-plane.js';

/** Numbers between -1 and 1 without a pattern. */
function numbers(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1103515245) + 12345) >>> 0;
    return state / 2 ** 31 - 1;
  };
}

function distances(points: readonly Point[]): number[] {
  return points.flatMap((a) => points.map((b) => Math.hypot(a.x - b.x, a.y - b.y)));
}

function vectorDistances(vectors: readonly Float32Array[]): number[] {
  return vectors.flatMap((a) => vectors.map((b) => Math.hypot(...a.map((value, i) => value - (b[i] ?? 0)))));
}

describe('principalPlane', () => {
  it('keeps all distances of vectors that lie in a plane', () => {
    const next = numbers(7);
    const [across, up, offset] = [0, 1, 2].map(() => Array.from({ length: 50 }, next));
    const vectors = Array.from({ length: 12 }, () => {
      const [a, b] = [next() * 3, next()];
      return Float32Array.from(
        { length: 50 },
        (_, i) => a * (across?.[i] ?? 0) + b * (up?.[i] ?? 0) + (offset?.[i] ?? 0),
      );
    });
    const plane = principalPlane(vectors);
    const expected = vectorDistances(vectors);
    distances(plane.points).forEach((distance, at) => {
      expect(distance).toBeCloseTo(expected[at] ?? NaN, 4);
    });
    expect(plane.share).toBeCloseTo(1, 6);
  });

  it('takes the directions of most variance, the larger one across', () => {
    const next = numbers(3);
    const sizes = [0.1, 5, 0.2, 2, 0.1];
    const vectors = Array.from({ length: 200 }, () => Float32Array.from(sizes, (size) => size * next()));
    const { points, share } = principalPlane(vectors);
    const variance = (values: readonly number[]): number => values.reduce((sum, value) => sum + value * value, 0);
    const across = variance(points.map(({ x }) => x));
    const up = variance(points.map(({ y }) => y));
    expect(across).toBeGreaterThan(up * 3);
    expect(share).toBeGreaterThan(0.98);
    expect(share).toBeLessThan(1);
    // Sums over both axes agree with the coordinates that the data was made with.
    const made = vectors.map((vector) => vector[1] ?? 0);
    const mean = made.reduce((sum, value) => sum + value, 0) / made.length;
    const sign = Math.sign((points[0]?.x ?? 0) * ((made[0] ?? 0) - mean));
    points.forEach(({ x }, at) => {
      expect(x * sign).toBeCloseTo((made[at] ?? 0) - mean, 0);
    });
  });

  it('puts a vector of its own where that one lies', () => {
    const next = numbers(11);
    const vectors = Array.from({ length: 9 }, () => Float32Array.from({ length: 20 }, next));
    const plane = principalPlane(vectors);
    vectors.forEach((vector, at) => {
      expect(plane.project(vector)).toEqual(plane.points[at]);
    });
    expect(principalPlane(vectors).points).toEqual(plane.points);
  });

  it.each([
    ['no vector', []],
    ['one', [Float32Array.of(1, 2, 3)]],
    ['equal ones', [Float32Array.of(1, 2, 3), Float32Array.of(1, 2, 3), Float32Array.of(1, 2, 3)]],
  ])('puts %s into the middle', (_, vectors) => {
    const { points, share } = principalPlane(vectors);
    expect(points).toEqual(vectors.map(() => ({ x: 0, y: 0 })));
    expect(share).toBe(1);
  });

  it('puts vectors of one line on a line', () => {
    const vectors = [-2, 0.5, 1, 3].map((factor) => Float32Array.of(factor, 2 * factor, -factor));
    for (const { y } of principalPlane(vectors).points) expect(y).toBeCloseTo(0, 9);
  });
});
