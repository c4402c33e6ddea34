import { jsonChunks } from '#src/server/http/json-chunks.js';
import { FLOAT_BYTES, writeFloat } from '#src/server/http/write-float.js';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

function written(value: number): string {
  const bytes = new Uint8Array(FLOAT_BYTES);
  return Buffer.from(bytes.subarray(0, writeFloat(bytes, 0, value))).toString();
}

/** Every pattern of 32 bits that is a number. */
const float32 = fc
  .integer({ min: 0, max: 2 ** 32 - 1 })
  .map((bits) => new Float32Array(Uint32Array.of(bits).buffer)[0] ?? 0)
  .filter(Number.isFinite);
/** Where the values of vectors are. */
const small = fc.float({ min: -1, max: 1, noNaN: true, noDefaultInfinity: true });

describe('a float32 as JSON', () => {
  it('is the same float32 for whoever reads it, the sign of zero included', () => {
    const same = (value: number): void => {
      const text = written(value);
      expect(text).toMatch(/^-?(0|[1-9]\d*)(\.\d+)?(e[+-]\d+)?$/);
      expect(Object.is(Math.fround(JSON.parse(text) as number), value)).toBe(true);
    };
    fc.assert(fc.property(fc.oneof(float32, small), same), { numRuns: 20_000 });
    for (let exponent = -149; exponent < 128; exponent++) {
      // Next to a power of two the neighbours are not equally far.
      const power = 2 ** exponent;
      for (const value of [power, Math.fround(power * (1 - 2 ** -24)), Math.fround(power * (1 + 2 ** -23))]) {
        same(value);
        same(-value);
      }
    }
  });

  it.each([
    [0, '0'],
    [-0, '-0.0'],
    [1, '1'],
    [-0.5, '-0.5'],
    [Math.fround(0.1), '0.1'],
    [-0.0625, '-0.0625'],
    [1 - 2 ** -24, '0.99999994'],
    [Math.fround(0.012345678), '0.012345678'],
    [NaN, 'null'],
    [Infinity, 'null'],
  ])('%d is %s', (value, text) => {
    expect(written(value)).toBe(text);
  });
});

describe('an answer in chunks', () => {
  const text = (value: unknown): string => Buffer.concat([...jsonChunks(value)]).toString();

  it('is the JSON of any value', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        expect(text(value)).toBe(JSON.stringify(value));
      }),
    );
    const value = { a: undefined, b: [undefined, null, 'ü😀"\n'], c: {}, d: [], e: new Float32Array(0) };
    expect(text(value)).toBe(JSON.stringify({ ...value, e: [] }));
  });

  it('holds long texts and many vectors, and is never held as a whole', () => {
    const rows = Array.from({ length: 1000 }, (_, row) => Float32Array.from({ length: 384 }, (__, i) => row / 7 - i));
    const value = { long: '😀'.repeat(200_000), rows };
    const chunks = [...jsonChunks(value)];
    expect(chunks.length).toBeGreaterThan(5);
    const read = JSON.parse(Buffer.concat(chunks).toString()) as { long: string; rows: number[][] };
    expect(read.long).toBe(value.long);
    expect(read.rows.map((row) => Float32Array.from(row))).toEqual(rows);
  });
});
