import type { VectorBlock, VectorFile } from '#src/files/vectors/vector-file.js';

/** Vectors in memory as a file of vectors, in blocks of a few rows each; the block's memory is used again, as the contract allows. */
export function memoryVectors(rows: readonly Float32Array[], dimensions: number, blockRows = 7): VectorFile {
  const buffer = new Float32Array(blockRows * dimensions);
  return {
    name: 'memory',
    format: 'f32',
    rows: rows.length,
    dimensions,
    metadata: undefined,
    async *blocks(signal): AsyncGenerator<VectorBlock, void, undefined> {
      for (let first = 0; first < rows.length; first += blockRows) {
        signal?.throwIfAborted();
        const part = rows.slice(first, first + blockRows);
        for (const [index, row] of part.entries()) buffer.set(row, index * dimensions);
        yield await Promise.resolve({ first, count: part.length, data: buffer.subarray(0, part.length * dimensions) });
      }
    },
    records: () => Promise.resolve(new Map()),
    close: () => Promise.resolve(),
  };
}

/** Normally distributed numbers, the same for the same seed (Box-Muller over a linear congruential generator). */
function normalNumbers(seed: number): () => number {
  let state = seed >>> 0;
  const uniform = (): number => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return (state + 1) / 2 ** 32;
  };
  return () => Math.sqrt(-2 * Math.log(uniform())) * Math.cos(2 * Math.PI * uniform());
}

/** Vectors around a few centres, of any length. */
export function clusteredVectors(count: number, dimensions: number, seed: number): Float32Array[] {
  const normal = normalNumbers(seed);
  const vector = (): Float32Array => Float32Array.from({ length: dimensions }, normal);
  const centres = Array.from({ length: Math.max(1, Math.ceil(count / 6)) }, vector);
  return Array.from({ length: count }, (_, index) => {
    const centre = centres[(index * 7919) % centres.length] ?? vector();
    const [noise, length] = [0.05 + 0.15 * (index % 5), 10 ** (index % 4)];
    return centre.map((value) => (value + noise * normal()) * length);
  });
}
