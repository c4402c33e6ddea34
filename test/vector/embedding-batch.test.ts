import { EmbeddingBatch, rowLength } from '#src/vector/embedding-batch.js';
import { normalized, normalizedBatch, normalizeRows } from '#src/vector/normalize.js';
import { truncateDimensions } from '#src/vector/truncate.js';
import { describe, expect, it } from 'vitest';
import { batchOf, numpyCases } from './numpy-cases.js';

describe('an embedding batch', () => {
  const batch = batchOf([1, 2, 3, 4, 5, 6], 3);

  it('gives its rows as views of the flat data', () => {
    expect(Array.from(batch.row(1))).toEqual([4, 5, 6]);
    expect(batch.row(1).buffer).toBe(batch.data.buffer);
    expect(Array.from(batch, (row) => row[0])).toEqual([1, 4]);
    expect(batch.toArrays()).toEqual([
      [1, 2, 3],
      [4, 5, 6],
    ]);
  });

  it.each([-1, 2, 0.5, Number.NaN])('refuses row %s', (index) => {
    expect(() => batch.row(index)).toThrow(expect.objectContaining({ code: 'INPUT_INVALID' }));
  });

  it('counts truncated texts', () => {
    const cut = new EmbeddingBatch({
      precision: 'float32',
      data: new Float32Array(3),
      count: 3,
      dimensions: 1,
      tokens: Uint32Array.of(4, 5, 6),
      truncated: Uint8Array.of(1, 0, 1),
    });
    expect(cut.truncatedCount).toBe(2);
  });

  it('may be empty', () => {
    expect(batchOf([], 4).toArrays()).toEqual([]);
  });

  it('packs a bit per dimension in whole bytes', () => {
    const packed = new EmbeddingBatch({
      precision: 'binary',
      data: Int8Array.of(1, 2, 3, 4),
      count: 2,
      dimensions: 13,
      tokens: new Uint32Array(2),
      truncated: new Uint8Array(2),
    });
    expect([packed.dimensions, packed.rowLength]).toEqual([13, 2]);
    expect(packed.toArrays()).toEqual([
      [1, 2],
      [3, 4],
    ]);
    expect(rowLength('int8', 13)).toBe(13);
  });

  it.each([
    ['data', { data: new Float32Array(5) }],
    ['tokens', { tokens: new Uint32Array(1) }],
    ['truncated', { truncated: new Uint8Array(3) }],
    ['count', { count: -1 }],
    ['dimensions', { dimensions: 0 }],
    ['dimensions', { dimensions: 1.5 }],
  ])('refuses a wrong length, naming %s', (name, part) => {
    const parts = {
      precision: 'float32' as const,
      data: new Float32Array(6),
      count: 2,
      dimensions: 3,
      tokens: new Uint32Array(2),
      truncated: new Uint8Array(2),
    };
    expect(() => new EmbeddingBatch({ ...parts, ...part })).toThrow(
      expect.objectContaining({ code: 'INPUT_INVALID', message: expect.stringContaining(name) as string }),
    );
  });

  it('refuses an array of another kind than its precision', () => {
    const parts = { count: 1, dimensions: 2, tokens: new Uint32Array(1), truncated: new Uint8Array(1) };
    expect(() => new EmbeddingBatch({ ...parts, precision: 'int8', data: new Uint8Array(2) as never })).toThrow(
      /Int8Array/,
    );
  });
});

describe('normalising', () => {
  it('divides rows by their norm, within half a float32 step of numpy in float64', () => {
    for (const { vectors, dimensions, expected } of numpyCases) {
      const result = normalizedBatch(batchOf(vectors, dimensions));
      expect(Array.from(result.data)).toEqual(expected.normalized.map(Math.fround));
    }
  });

  it('leaves the original alone in the copying forms, changes it in place otherwise', () => {
    const vector = Float32Array.of(3, 4);
    expect(Array.from(normalized(vector))).toEqual([Math.fround(0.6), Math.fround(0.8)]);
    expect(Array.from(vector)).toEqual([3, 4]);
    normalizeRows(vector, 1);
    expect(Array.from(vector)).toEqual([1, 1]);
  });

  it('keeps the zero vector zero and does not blow up a tiny one', () => {
    const data = Float32Array.of(0, 0, 3e-20, 4e-20, 3e37, 4e37);
    normalizeRows(data, 2);
    expect(Array.from(data.subarray(0, 2))).toEqual([0, 0]);
    expect(data[2]).toBeCloseTo(3e-8, 12);
    expect(data[5]).toBe(Math.fround(0.8));
  });

  it('refuses data that is not a whole number of rows', () => {
    expect(() => {
      normalizeRows(new Float32Array(5), 2);
    }).toThrow(expect.objectContaining({ code: 'INPUT_INVALID' }));
  });
});

describe('truncating dimensions', () => {
  it('keeps the first dimensions and does not renormalise', () => {
    const cut = truncateDimensions(batchOf([1, 2, 3, 4, 5, 6], 3), 2);
    expect(cut.dimensions).toBe(2);
    expect(cut.toArrays()).toEqual([
      [1, 2],
      [4, 5],
    ]);
  });

  it.each([0, 4, -1, 1.5, Number.NaN])('refuses %s of three dimensions', (dimensions) => {
    expect(() => truncateDimensions(batchOf([1, 2, 3], 3), dimensions)).toThrow(
      expect.objectContaining({ code: 'CONFIG_INVALID' }),
    );
  });
});
