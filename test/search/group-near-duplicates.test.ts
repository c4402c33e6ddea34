import { groupNearDuplicates, type NearDuplicates } from '#src/search/group-near-duplicates.js';
import { type SimilarityMatrix, similarityMatrix } from '#src/vector/index.js';
import { describe, expect, it } from 'vitest';

import { clusteredVectors, memoryVectors } from './memory-vectors.js';

/** The definition in plain loops: components of the pairs at or above the threshold. */
function expectedGroups({ data, rows }: SimilarityMatrix, threshold: number): NearDuplicates {
  const limit = Math.fround(threshold);
  const group = Array.from({ length: rows }, (_, index) => index);
  for (let changed = true; changed;) {
    changed = false;
    for (let a = 0; a < rows; a++) {
      for (let b = a + 1; b < rows; b++) {
        const [left = 0, right = 0] = [group[a], group[b]];
        if (left === right || (data[a * rows + b] ?? 0) < limit) continue;
        group[a] = group[b] = Math.min(left, right);
        changed = true;
      }
    }
  }
  const representatives = [...new Set(group)].filter((first) => group.filter((one) => one === first).length > 1);
  return {
    rows,
    groups: representatives
      .sort((a, b) => a - b)
      .map((representative) => ({
        representative,
        duplicates: group.flatMap((first, index) =>
          first !== representative || index === representative
            ? []
            : [{ index, score: data[representative * rows + index] ?? 0 }],
        ),
      })),
  };
}

const group = (
  vectors: readonly Float32Array[],
  threshold: number,
  options: { threads?: number; maxBytes?: number; signal?: AbortSignal } = {},
): Promise<NearDuplicates> =>
  groupNearDuplicates(memoryVectors(vectors, vectors[0]?.length ?? 2), { threshold, threads: 2, ...options });

describe('groups of near duplicates', () => {
  // Rows below and beyond a block and a tile; dimensions below and beyond the shortest prefix, and no multiples of four.
  it.each([
    [2, 1],
    [9, 3],
    [257, 16],
    [300, 33],
    [700, 130],
    [1100, 70],
  ])('of %i vectors of %i dimensions are those of comparing every pair', async (rows, dimensions) => {
    const vectors = clusteredVectors(rows, dimensions, rows);
    const scores = similarityMatrix(vectors, vectors, 'cosine');
    for (const threshold of [0.05, 0.5, 0.9, 0.97, 0.999]) {
      expect(await group(vectors, threshold), `threshold ${threshold}`).toEqual(expectedGroups(scores, threshold));
    }
  });

  it('are chains: the score to the first may be below the threshold', async () => {
    const at = (degrees: number): Float32Array =>
      Float32Array.of(Math.cos((degrees * Math.PI) / 180), Math.sin((degrees * Math.PI) / 180));
    const { groups } = await group([at(90), at(0), at(10), at(200), at(20)], 0.98);
    expect(
      groups.map(({ representative, duplicates }) => [representative, duplicates.map(({ index }) => index)]),
    ).toEqual([[1, [2, 4]]]);
    expect(groups[0]?.duplicates[1]?.score).toBeCloseTo(Math.cos(Math.PI / 9), 6);
  });

  it('hold equal vectors at the threshold 1, whatever their length and place', async () => {
    const vectors = clusteredVectors(40, 50, 9);
    const copies = vectors.map((vector, index) => (index % 2 === 0 ? vector : vector.map((value) => value * 4)));
    const { groups } = await group([...vectors, ...copies], 1);
    expect(groups).toEqual(
      vectors.map((_, index) => ({ representative: index, duplicates: [{ index: index + 40, score: 1 }] })),
    );
  });

  it('hold no zero vector, and no vector that is as good as zero', async () => {
    const zero = new Float32Array(20);
    const tiny = new Float32Array(20).fill(1e-20);
    const one = Float32Array.from({ length: 20 }, (_, index) => index);
    const vectors = [zero, one, zero, tiny, tiny, one, zero];
    expect((await group(vectors, 0.01)).groups).toEqual([{ representative: 1, duplicates: [{ index: 5, score: 1 }] }]);
    expect((await group(Array<Float32Array>(600).fill(zero), 0.5)).groups).toEqual([]);
  });

  it('are the same on any number of threads', async () => {
    const vectors = clusteredVectors(1600, 24, 5);
    const [one, ...others] = await Promise.all([1, 2, 5].map((threads) => group(vectors, 0.95, { threads })));
    for (const other of others) expect(other).toEqual(one);
    expect(one?.groups.length).toBeGreaterThan(10);
  });

  it('are none of no vector or of one', async () => {
    expect(await group([], 0.9)).toEqual({ rows: 0, groups: [] });
    expect(await group([Float32Array.of(1, 2)], 0.9)).toEqual({ rows: 1, groups: [] });
  });

  it('need the memory that they say', async () => {
    const vectors = clusteredVectors(10, 8, 1);
    await expect(group(vectors, 0.9, { maxBytes: 1000 })).rejects.toMatchObject({
      code: 'INPUT_INVALID',
      message: expect.stringMatching(/10 vectors of 8 dimensions takes 1 MB of memory.*--max-memory/) as string,
    });
  });

  it('are looked for until the signal fires', async () => {
    const abort = new AbortController();
    const file = memoryVectors(clusteredVectors(3000, 64, 2), 64);
    const onProgress = (): void => {
      abort.abort();
    };
    const work = groupNearDuplicates(file, { threshold: 0.9, threads: 2, signal: abort.signal, onProgress });
    await expect(work).rejects.toMatchObject({ code: 'ABORTED' });
  });

  it('need a threshold above 0 and at most 1, and threads', async () => {
    for (const threshold of [0, -0.5, 1.01, Number.NaN]) {
      await expect(group([], threshold)).rejects.toMatchObject({ code: 'CONFIG_INVALID' });
    }
    await expect(group([], 0.5, { threads: 0 })).rejects.toMatchObject({ code: 'CONFIG_INVALID' });
    await expect(group([], 0.5, { maxBytes: 0 })).rejects.toMatchObject({ code: 'CONFIG_INVALID' });
  });
});
