import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { LONGEST_JSON_NUMBER, writeJsonNumber } from '#src/files/vectors/json-lines/write-json-number.js';

function written(value: number): string {
  const bytes = new Uint8Array(64);
  return Buffer.from(bytes.subarray(0, writeJsonNumber(value, bytes, 0))).toString('latin1');
}

describe('a float32 value as JSON', () => {
  it.each([
    [0, '0'],
    [-0, '-0'],
    [1, '1'],
    [-127, '-127'],
    [999_999_936, '999999936'],
    [2 ** 30, '1073741820'],
    [0.5, '0.5'],
    [-0.25, '-0.25'],
    [0.1, '0.1'],
    [1 / 3, '0.33333334'],
    [1e-6, '0.000001'],
    [0.99999994, '0.99999994'],
    [1.0000001, '1.0000001'],
    [9999.999, '9999.999'],
    [123456.79, '123456.79'],
    [8388607.5, '8388607.5'],
    [2 ** 24, '16777216'],
    [3.4028235e38, '3.40282347e+38'],
    [1e-8, '9.99999994e-9'],
    [2 ** -149, '1.40129846e-45'],
  ])('writes %d as %s', (value, text) => {
    expect(written(Math.fround(value))).toBe(text);
  });

  it('brings every value back with the same bits', () => {
    fc.assert(
      fc.property(fc.float({ noNaN: true, noDefaultInfinity: true }), (value) => {
        const text = written(value);
        expect(text.length).toBeLessThanOrEqual(LONGEST_JSON_NUMBER);
        expect(Object.is(Math.fround(JSON.parse(text) as number), value)).toBe(true);
      }),
      { numRuns: 5_000 },
    );
  });

  it('brings both neighbours of every power of ten and of two back', () => {
    const bits = new Uint32Array(1);
    const value = new Float32Array(bits.buffer);
    for (let power = -149; power < 128; power++) {
      for (const start of [2 ** power, 10 ** (power / 4)]) {
        for (let step = -3; step <= 3; step++) {
          value[0] = start;
          bits[0] = (bits[0] ?? 0) + step;
          const wanted = value[0];
          if (!Number.isFinite(wanted)) continue;
          expect(Math.fround(JSON.parse(written(wanted)) as number)).toBe(wanted);
        }
      }
    }
  });

  it('takes at most nine digits where no exponent is needed', () => {
    fc.assert(
      fc.property(fc.float({ min: Math.fround(-1), max: 1, noNaN: true }), (value) => {
        const text = written(value);
        fc.pre(!text.includes('e'));
        expect(text.replace(/^-?0?\.?0*/, '').length).toBeLessThanOrEqual(9);
      }),
    );
  });
});
