import { quantizeEmbeddings } from '#src/vector/quantize-embeddings.js';
import {
  cosine,
  dot,
  euclidean,
  manhattan,
  pairwiseSimilarity,
  similarityMatrix,
  type VectorSimilarity,
} from '#src/vector/similarity.js';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { batchOf, numpyCases } from './numpy-cases.js';

const names: VectorSimilarity[] = ['cosine', 'dot', 'euclidean', 'manhattan'];
const single = { cosine, dot, euclidean, manhattan };

describe.each(names)('%s similarity', (name) => {
  it('scores all rows against all rows as numpy does in float64', () => {
    for (const { vectors, dimensions, expected } of numpyCases) {
      const batch = batchOf(vectors, dimensions);
      const reversed = [...batch].reverse();
      const matrix = similarityMatrix(batch, reversed, name);
      expect([matrix.rows, matrix.columns]).toEqual([batch.count, batch.count]);
      for (const [i, score] of matrix.data.entries()) {
        const wanted = expected.similarity[name][i] ?? Number.NaN;
        expect(Math.abs(score - wanted)).toBeLessThanOrEqual(1.2e-7 * Math.max(1, Math.abs(wanted)));
      }
    }
  });

  it('agrees between matrix, pairs and single vectors', () => {
    const vector = fc.float32Array({ minLength: 5, maxLength: 5, noNaN: true, min: -100, max: 100 });
    fc.assert(
      fc.property(fc.array(fc.tuple(vector, vector), { minLength: 1, maxLength: 6 }), (pairs) => {
        const a = pairs.map(([left]) => left);
        const b = pairs.map(([, right]) => right);
        const matrix = similarityMatrix(a, b, name);
        const paired = pairwiseSimilarity(a, b, name);
        for (const [i, [left, right]] of pairs.entries()) {
          const alone = Math.fround(single[name](left, right));
          expect(paired[i]).toBe(alone);
          expect(matrix.data[i * pairs.length + i]).toBe(alone);
        }
      }),
    );
  });

  it('refuses different dimensions and quantised vectors', () => {
    const refused: unknown = expect.objectContaining({ code: 'INPUT_INVALID' });
    expect(() => single[name](new Float32Array(3), new Float32Array(4))).toThrow(refused);
    expect(() => similarityMatrix([new Float32Array(3), new Float32Array(2)], new Float32Array(3), name)).toThrow(
      refused,
    );
    const packed = quantizeEmbeddings(batchOf([1, 2, 3, 4], 2), 'binary');
    expect(() => similarityMatrix(packed as never, packed as never, name)).toThrow(refused);
  });
});

describe('similarity', () => {
  it('of the zero vector is zero under cosine, not NaN', () => {
    expect(cosine(new Float32Array(4), Float32Array.of(1, 2, 3, 4))).toBe(0);
  });

  it('of equal vectors is positive zero under the distances', () => {
    const vector = Float32Array.of(1, 2, 3);
    expect(Object.is(euclidean(vector, vector), 0)).toBe(true);
    expect(Object.is(manhattan(vector, vector), 0)).toBe(true);
  });

  it('takes a single vector as one row and an empty list as none', () => {
    expect(similarityMatrix(Float32Array.of(1, 0), batchOf([1, 0, 0, 1], 2), 'dot')).toMatchObject({
      data: Float32Array.of(1, 0),
      rows: 1,
      columns: 2,
    });
    expect(similarityMatrix([], Float32Array.of(1, 0), 'dot')).toMatchObject({ rows: 0, columns: 1 });
  });

  it('keeps small differences that a float32 sum would lose', () => {
    expect(dot(Float32Array.of(1e8, 1, -1e8), Float32Array.of(1, 1, 1))).toBe(1);
  });

  it('refuses pairs of unequal number and unknown names', () => {
    expect(() => pairwiseSimilarity(batchOf([1, 2], 1), batchOf([1], 1), 'dot')).toThrow(
      expect.objectContaining({ code: 'INPUT_INVALID' }),
    );
    for (const name of ['dot_product', 'toString']) {
      expect(() => similarityMatrix(Float32Array.of(1), Float32Array.of(1), name as never)).toThrow(
        expect.objectContaining({ code: 'CONFIG_INVALID', message: expect.stringContaining('manhattan') as string }),
      );
    }
  });
});
