import { searchVectors } from '#src/search/search-vectors.js';
import { similarityMatrix, topK, type VectorSimilarity } from '#src/vector/index.js';
import { describe, expect, it } from 'vitest';

import { clusteredVectors, memoryVectors } from './memory-vectors.js';

const vectors = clusteredVectors(100, 12, 3);
const queries = clusteredVectors(5, 12, 4);

describe.each<VectorSimilarity>(['cosine', 'dot', 'euclidean', 'manhattan'])('a search by %s', (similarity) => {
  it('gives for each query what the whole matrix of similarities gives, scores included', async () => {
    const matrix = similarityMatrix(queries, vectors, similarity);
    for (const k of [1, 10, 100, 1000]) {
      const found = await searchVectors(memoryVectors(vectors, 12), queries, { k, similarity });
      expect(found).toEqual(queries.map((_, query) => topK(matrix.data.subarray(query * 100, query * 100 + 100), k)));
    }
  });
});

describe('a search', () => {
  it('ranks equal vectors in the order of the file', async () => {
    const same = Array.from({ length: 30 }, () => Float32Array.of(1, 1));
    const [found = []] = await searchVectors(memoryVectors(same, 2), Float32Array.of(1, 0), {
      k: 20,
      similarity: 'dot',
    });
    expect(found.map(({ index }) => index)).toEqual(Array.from({ length: 20 }, (_, index) => index));
  });

  it('finds nothing in a file without vectors', async () => {
    expect(await searchVectors(memoryVectors([], 2), Float32Array.of(1, 0), { k: 3, similarity: 'cosine' })).toEqual([
      [],
    ]);
  });

  it('tells how far it is, to the end', async () => {
    const done: unknown[] = [];
    const options = {
      k: 1,
      similarity: 'dot' as const,
      onProgress: ({ done: now, total }: { done: number; total?: number }) => done.push([now, total]),
    };
    await searchVectors(memoryVectors(vectors.slice(0, 16), 12), queries, options);
    expect(done).toEqual([
      [7, 16],
      [14, 16],
      [16, 16],
    ]);
  });

  it('refuses queries of other dimensions, and k below 1', async () => {
    const file = memoryVectors(vectors, 12);
    const query = Float32Array.of(1, 0);
    await expect(searchVectors(file, query, { k: 1, similarity: 'dot' })).rejects.toMatchObject({
      code: 'INPUT_INVALID',
      message: expect.stringMatching(/2 dimensions.* have 12/) as string,
    });
    for (const k of [0, -1, 1.5, Number.NaN]) {
      await expect(searchVectors(file, queries, { k, similarity: 'dot' })).rejects.toMatchObject({
        code: 'CONFIG_INVALID',
      });
    }
  });
});
