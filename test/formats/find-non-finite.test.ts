import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { findNonFinite, type NonFinite } from '#src/formats/safetensors/find-non-finite.js';
import { float32FromTensor } from '#src/formats/safetensors/float32-from-tensor.js';
import type { SafetensorsDtype } from '#src/formats/safetensors/tensor-info.js';

function nameOf(value: number): NonFinite['value'] {
  if (Number.isNaN(value)) return 'NaN';
  return value > 0 ? 'Infinity' : '-Infinity';
}

/** The answer in the plainest way. */
function expected(values: Float32Array | Float64Array): NonFinite | undefined {
  const index = values.findIndex((value) => !Number.isFinite(value));
  return index < 0 ? undefined : { index, value: nameOf(values[index] ?? 0) };
}

function unaligned(bytes: Uint8Array): Uint8Array {
  const moved = new Uint8Array(bytes.byteLength + 3);
  moved.set(bytes, 3);
  return moved.subarray(3);
}

describe.each(['F16', 'BF16'] as const)('%s', (dtype) => {
  test('every pattern is told apart', () => {
    const wrong: number[] = [];
    for (let bits = 0; bits < 0x10000; bits++) {
      const bytes = new Uint8Array([0, 0, bits & 0xff, bits >> 8]);
      if (findNonFinite(bytes, dtype)?.value !== expected(float32FromTensor(bytes, dtype))?.value) wrong.push(bits);
    }
    expect(wrong).toEqual([]);
  });
});

describe.each(['F32', 'F64'] as const)('%s', (dtype) => {
  const ArrayType = dtype === 'F32' ? Float32Array : Float64Array;
  test('random bit patterns, rich in full exponents', () => {
    const bytes = fc.array(fc.oneof(fc.nat(255), fc.constantFrom(0, 0x7f, 0x80, 0xf0, 0xff)), { maxLength: 64 });
    fc.assert(
      fc.property(bytes, (list) => {
        const aligned = Uint8Array.from(list.slice(0, list.length - (list.length % 8)));
        const answer = expected(new ArrayType(aligned.buffer));
        expect(findNonFinite(aligned, dtype)).toEqual(answer);
        expect(findNonFinite(unaligned(aligned), dtype)).toEqual(answer);
      }),
      { seed: 41, numRuns: 2000 },
    );
  });
  test('the first of several, at every border of a chunk', () => {
    const perMebibyte = 2 ** 20 / ArrayType.BYTES_PER_ELEMENT;
    for (const index of [0, perMebibyte - 1, perMebibyte, perMebibyte + 1, 2 * perMebibyte, 3 * perMebibyte - 1]) {
      const values = new ArrayType(3 * perMebibyte);
      values[index] = -Infinity;
      values[values.length - 1] = index === values.length - 1 ? -Infinity : NaN;
      const bytes = new Uint8Array(values.buffer);
      expect(findNonFinite(bytes, dtype)).toEqual({ index, value: '-Infinity' });
      expect(findNonFinite(unaligned(bytes), dtype)).toEqual({ index, value: '-Infinity' });
    }
  });
});

test('a F64 NaN whose fraction is in its low word only', () => {
  const bytes = new Uint8Array(8);
  new DataView(bytes.buffer).setBigUint64(0, 0x7ff0_0000_0000_0001n, true);
  expect(findNonFinite(bytes, 'F64')).toEqual({ index: 0, value: 'NaN' });
});

test('the largest and smallest finite values are finite', () => {
  const values = new Float32Array([3.4028234663852886e38, -3.4028234663852886e38, 2 ** -149, -0]);
  expect(findNonFinite(new Uint8Array(values.buffer), 'F32')).toBeUndefined();
});

test('integers are always finite', () => {
  const bytes = new Uint8Array(16).fill(0xff);
  const integers: SafetensorsDtype[] = ['BOOL', 'U8', 'I8', 'U16', 'I16', 'U32', 'I32', 'U64', 'I64'];
  for (const dtype of integers) expect(findNonFinite(bytes, dtype)).toBeUndefined();
});
