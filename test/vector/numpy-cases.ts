import { readFileSync } from 'node:fs';
import { EmbeddingBatch } from '#src/vector/embedding-batch.js';
import { z } from 'zod';

const numbers = z.array(z.number());
const schema = z.object({
  cases: z.array(
    z.object({
      dimensions: z.number(),
      count: z.number(),
      min: numbers,
      max: numbers,
      vectors: numbers,
      int8: numbers,
      uint8: numbers,
      binary: numbers,
      ubinary: numbers,
      base64: z.string(),
      normalized: numbers,
      similarity: z.object({ cosine: numbers, dot: numbers, euclidean: numbers, manhattan: numbers }),
    }),
  ),
});

/** Vectors with what numpy makes of them. */
export const numpyCases = schema
  .parse(JSON.parse(readFileSync(new URL('fixtures/numpy-vectors.json', import.meta.url), 'utf8')))
  .cases.map((expected) => ({ vectors: expected.vectors, dimensions: expected.dimensions, expected }));

/** A float32 batch of these values; every text has one token. */
export function batchOf(values: ArrayLike<number>, dimensions: number): EmbeddingBatch {
  const count = values.length / dimensions;
  return new EmbeddingBatch({
    precision: 'float32',
    data: Float32Array.from(values),
    count,
    dimensions,
    tokens: new Uint32Array(count).fill(1),
    truncated: new Uint8Array(count),
  });
}
