import type { Precision } from '#src/vector/embedding-batch.js';
import { calibrationRanges, quantizeEmbeddings } from '#src/vector/quantize-embeddings.js';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { batchOf, numpyCases } from './numpy-cases.js';

const quantised = ['int8', 'uint8', 'binary', 'ubinary'] as const satisfies Precision[];

describe('quantising embeddings', () => {
  it.each(quantised)(
    'to %s gives the bytes of numpy, values at bucket edges and beyond the range included',
    (precision) => {
      for (const { vectors, dimensions, expected } of numpyCases) {
        const ranges = { min: Float32Array.from(expected.min), max: Float32Array.from(expected.max) };
        const result = quantizeEmbeddings(batchOf(vectors, dimensions), precision, ranges);
        expect(Array.from(result.data)).toEqual(expected[precision]);
        expect(result.dimensions).toBe(dimensions);
        expect(result.precision).toBe(precision);
      }
    },
  );

  it('to float32 copies', () => {
    const batch = batchOf([1, 2], 2);
    const copy = quantizeEmbeddings(batch, 'float32');
    expect(copy.data).toEqual(batch.data);
    expect(copy.data).not.toBe(batch.data);
  });

  it('never wraps: larger values never get smaller codes', () => {
    const value = fc.float({ noNaN: true, noDefaultInfinity: true });
    fc.assert(
      fc.property(value, value, fc.float({ min: -10, max: 0, noNaN: true }), (a, b, low) => {
        const ranges = { min: Float32Array.of(low), max: Float32Array.of(Math.fround(low + 5)) };
        const codes = quantizeEmbeddings(batchOf([Math.min(a, b), Math.max(a, b)], 1), 'int8', ranges).data;
        expect(codes[0]).toBeLessThanOrEqual(codes[1] ?? Number.NaN);
      }),
    );
  });

  it('puts the first dimension in the highest bit and fills the last byte with zeros', () => {
    const batch = batchOf([1, -1, 0, -0, 1e-45, -1, -1, -1, 5], 9);
    expect(Array.from(quantizeEmbeddings(batch, 'ubinary').data)).toEqual([0b10001000, 0b10000000]);
    expect(Array.from(quantizeEmbeddings(batch, 'binary').data)).toEqual([8, 0]);
  });

  it.each(['int8', 'uint8'] as const)('to %s needs ranges that fit', (precision) => {
    const batch = batchOf([1, 2], 2);
    const refused = (message: string): unknown =>
      expect.objectContaining({ code: 'CONFIG_INVALID', message: expect.stringContaining(message) as string });
    expect(() => quantizeEmbeddings(batch, precision)).toThrow(refused('calibrationRanges'));
    const short = { min: new Float32Array(1), max: new Float32Array(1) };
    expect(() => quantizeEmbeddings(batch, precision, short)).toThrow(refused('dimensions'));
    const swapped = { min: Float32Array.of(0, 2), max: Float32Array.of(1, 1) };
    expect(() => quantizeEmbeddings(batch, precision, swapped)).toThrow(refused('dimension 1'));
    const broken = { min: Float32Array.of(0, Number.NaN), max: Float32Array.of(1, 1) };
    expect(() => quantizeEmbeddings(batch, precision, broken)).toThrow(refused('dimension 1'));
  });

  it.each([...quantised, 'float32'] as const)(
    'to %s refuses values that are not finite, naming the row',
    (precision) => {
      const ranges = { min: Float32Array.of(0), max: Float32Array.of(1) };
      for (const bad of [Number.NaN, Infinity]) {
        expect(() => quantizeEmbeddings(batchOf([0, bad], 1), precision, ranges)).toThrow(
          expect.objectContaining({ code: 'INPUT_INVALID', data: { index: 1 } }),
        );
      }
    },
  );

  it('refuses an unknown precision', () => {
    expect(() => quantizeEmbeddings(batchOf([1], 1), 'float16' as never)).toThrow(
      expect.objectContaining({ code: 'CONFIG_INVALID' }),
    );
  });
});

describe('calibration ranges', () => {
  it('are the least and the greatest value of each dimension', () => {
    const ranges = calibrationRanges(batchOf([1, -5, -2, 4, 3, 0], 2));
    expect(ranges).toEqual({ min: Float32Array.of(-2, -5), max: Float32Array.of(3, 4) });
  });

  it('need a vector', () => {
    expect(() => calibrationRanges(batchOf([], 2))).toThrow(expect.objectContaining({ code: 'INPUT_INVALID' }));
  });
});
