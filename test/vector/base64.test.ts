import { base64ToFloat32, float32ToBase64 } from '#src/vector/base64.js';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { numpyCases } from './numpy-cases.js';

describe('base64 of float32', () => {
  it('is that of the little-endian bytes', () => {
    for (const { vectors, expected } of numpyCases) {
      expect(float32ToBase64(Float32Array.from(vectors))).toBe(expected.base64);
      expect(Array.from(base64ToFloat32(expected.base64))).toEqual(vectors);
    }
  });

  it('comes back to the last bit, special values and views included', () => {
    fc.assert(
      fc.property(fc.float32Array({ maxLength: 9000, size: 'max' }), fc.nat(3), (vector, skip) => {
        const view = vector.subarray(Math.min(skip, vector.length));
        expect(base64ToFloat32(float32ToBase64(view))).toEqual(view.slice());
      }),
      { numRuns: 40 },
    );
  });

  it.each(['!!!!', 'AAAA', 'AAAAA', 'AAAAAAA='])('refuses %s', (text) => {
    expect(() => base64ToFloat32(text)).toThrow(expect.objectContaining({ code: 'INPUT_INVALID' }));
  });
});
