import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { float32FromTensor } from '#src/formats/safetensors/float32-from-tensor.js';
import type { SafetensorsDtype } from '#src/formats/safetensors/tensor-info.js';
import { caughtError } from './caught-error.js';

/** Value of a binary floating-point pattern by the definition of IEEE 754-2019, 3.4. */
function valueOf(bits: number, exponentBits: number, fractionBits: number): number {
  const sign = bits >> (exponentBits + fractionBits) === 0 ? 1 : -1;
  const exponent = (bits >> fractionBits) & (2 ** exponentBits - 1);
  const fraction = bits & (2 ** fractionBits - 1);
  const bias = 2 ** (exponentBits - 1) - 1;
  if (exponent === 2 ** exponentBits - 1) return fraction === 0 ? sign * Infinity : NaN;
  if (exponent === 0) return sign * fraction * 2 ** (1 - bias - fractionBits);
  return sign * (2 ** fractionBits + fraction) * 2 ** (exponent - bias - fractionBits);
}

function bytesOf(view: ArrayBufferView): Uint8Array {
  return new Uint8Array(view.buffer, view.byteOffset, view.byteLength);
}

/** The same bytes at an address that is no multiple of 2. */
function unaligned(bytes: Uint8Array): Uint8Array {
  const moved = new Uint8Array(bytes.byteLength + 1);
  moved.set(bytes, 1);
  return moved.subarray(1);
}

const every16 = Uint16Array.from({ length: 0x10000 }, (_, bits) => bits);

describe.each([
  ['F16', 5, 10],
  ['BF16', 8, 7],
] as const)('%s', (dtype, exponentBits, fractionBits) => {
  test('every pattern, against the definition', () => {
    const values = float32FromTensor(bytesOf(every16), dtype);
    const wrong = [...every16].filter((bits) => !Object.is(values[bits], valueOf(bits, exponentBits, fractionBits)));
    expect(wrong).toEqual([]);
  });
  test('unaligned', () => {
    expect(float32FromTensor(unaligned(bytesOf(every16)), dtype)).toEqual(float32FromTensor(bytesOf(every16), dtype));
  });
});

describe('F32', () => {
  test('aligned bytes are not copied', () => {
    const given = new Float32Array([1, 2, 3]);
    expect(float32FromTensor(bytesOf(given).subarray(4), 'F32').buffer).toBe(given.buffer);
  });
  test('unaligned bytes, also of a Buffer', () => {
    const given = new Float32Array([1.5, -0, 2 ** -149, NaN, Infinity]);
    expect(float32FromTensor(unaligned(bytesOf(given)), 'F32')).toEqual(given);
    const pooled = Buffer.concat([Buffer.from([0]), bytesOf(given)]).subarray(1);
    expect(float32FromTensor(pooled, 'F32')).toEqual(given);
  });
  test('bits are kept', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 4, maxLength: 4 }), (bytes) => {
        expect(bytesOf(float32FromTensor(unaligned(bytes), 'F32'))).toEqual(bytes);
      }),
      { seed: 31 },
    );
  });
});

describe('F64', () => {
  test('rounded to nearest, ties to even', () => {
    const given = [0.1, 1 + 2 ** -24, 1 + 3 * 2 ** -24, 2 ** -150, NaN, -Infinity, -0];
    const values = float32FromTensor(bytesOf(new Float64Array(given)), 'F64');
    expect([...values]).toEqual([Math.fround(0.1), 1, 1 + 2 ** -22, 0, NaN, -Infinity, -0]);
  });
  test('a finite value beyond float32 is refused', async () => {
    const bytes = bytesOf(new Float64Array([0, 1e39]));
    const error = await caughtError(() => float32FromTensor(bytes, 'F64', 'layer.weight'));
    expect(error.code).toBe('FORMAT_INVALID');
    expect(error.message).toMatch(/layer\.weight.*index 1/);
  });
});

describe('integers', () => {
  test.each<[SafetensorsDtype, ArrayBufferView, number[]]>([
    ['U8', new Uint8Array([0, 255]), [0, 255]],
    ['I8', new Int8Array([-128, 127]), [-128, 127]],
    ['U16', new Uint16Array([0, 65535]), [0, 65535]],
    ['I16', new Int16Array([-32768, 32767]), [-32768, 32767]],
    ['U32', new Uint32Array([2 ** 24, 2 ** 31]), [2 ** 24, 2 ** 31]],
    ['I32', new Int32Array([-(2 ** 31), 7]), [-(2 ** 31), 7]],
    ['U64', new BigUint64Array([2n ** 63n, 3n]), [2 ** 63, 3]],
    ['I64', new BigInt64Array([-(2n ** 63n), 5n]), [-(2 ** 63), 5]],
    ['BOOL', new Uint8Array([0, 1]), [0, 1]],
  ])('%s', (dtype, given, expected) => {
    expect([...float32FromTensor(bytesOf(given), dtype)]).toEqual(expected);
    expect([...float32FromTensor(unaligned(bytesOf(given)), dtype)]).toEqual(expected);
  });
  test.each<[SafetensorsDtype, ArrayBufferView]>([
    ['U32', new Uint32Array([1, 2 ** 24 + 1])],
    ['I32', new Int32Array([1, -(2 ** 24) - 1])],
    ['U64', new BigUint64Array([1n, 2n ** 64n - 1n])],
    ['I64', new BigInt64Array([1n, 2n ** 53n + 1n])],
    ['BOOL', new Uint8Array([1, 2])],
  ])('a value of %s that float32 cannot hold is refused', async (dtype, given) => {
    const error = await caughtError(() => float32FromTensor(bytesOf(given), dtype, 'ids'));
    expect(error.code).toBe('FORMAT_INVALID');
    expect(error.message).toMatch(/ids.*index 1/);
  });
});

test('a length that is no multiple of the element size is refused', async () => {
  const error = await caughtError(() => float32FromTensor(new Uint8Array(7), 'F32', 'a'));
  expect(error.code).toBe('FORMAT_INVALID');
  expect(error.message).toContain('7 bytes');
});

test('no bytes are no values', () => {
  for (const dtype of ['F32', 'F16', 'BF16', 'F64', 'I64', 'BOOL'] as const) {
    expect(float32FromTensor(new Uint8Array(0), dtype)).toHaveLength(0);
  }
});
