import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { decodeNpy } from '#src/formats/npy/decode-npy.js';
import { encodeNpy, npyHeader } from '#src/formats/npy/encode-npy.js';
import { IsovecError } from '#src/shared/isovec-error.js';
import { caughtError } from './caught-error.js';
import { mutated } from './mutated.js';

/** A file of any version whose header text is given, padded as numpy pads it. */
function rawNpy(major: number, dictionary: string, data: Uint8Array = new Uint8Array(0)): Uint8Array {
  const lengthBytes = major === 1 ? 2 : 4;
  const text = new TextEncoder().encode(`${dictionary}\n`);
  const file = new Uint8Array(8 + lengthBytes + text.byteLength + data.byteLength);
  file.set([0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59, major, 0]);
  const view = new DataView(file.buffer);
  if (major === 1) view.setUint16(8, text.byteLength, true);
  else view.setUint32(8, text.byteLength, true);
  file.set(text, 8 + lengthBytes);
  file.set(data, 8 + lengthBytes + text.byteLength);
  return file;
}

describe('encodeNpy writes what numpy.save writes', () => {
  // Header and data of numpy 2.4.6.
  test.each([
    [new Float32Array([0, 1, 2, 3, 4, 5]), [2, 3], '<f4', '(2, 3)', '000000000000803f0000004000004040000080400000a040'],
    [new Float64Array([2.5]), [], '<f8', '()', '0000000000000440'],
    [new Int8Array([0, 1, -2]), [3], '|i1', '(3,)', '0001fe'],
    [new Uint8Array([]), [0, 4], '|u1', '(0, 4)', ''],
  ])('%#', (data, shape, descr, tuple, hex) => {
    const header = `{'descr': '${descr}', 'fortran_order': False, 'shape': ${tuple}, }`.padEnd(117) + '\n';
    const prefix = Buffer.from('934e554d505901007600', 'hex');
    expect(Buffer.from(encodeNpy(data, shape)).toString('hex')).toBe(
      Buffer.concat([prefix, Buffer.from(header), Buffer.from(hex, 'hex')]).toString('hex'),
    );
  });

  test('a header that is full to the last byte is followed by a whole block of padding', () => {
    const lengths = new Set<number>();
    for (let dimensions = 1; dimensions <= 32; dimensions++) {
      for (const last of [1, 10, 100]) {
        const header = npyHeader('float32', [...new Array<number>(dimensions - 1).fill(1), last]);
        lengths.add(header.byteLength % 64);
        expect(header.at(-1)).toBe(0x0a);
        expect(header.at(-2)).toBe(0x20);
      }
    }
    expect([...lengths]).toEqual([0]);
  });

  test('a stream of header and chunks is the whole file', () => {
    const data = Float32Array.from({ length: 12 }, (_, index) => index / 3);
    const chunks = Buffer.concat([npyHeader('float32', [3, 4]), new Uint8Array(data.buffer)]);
    expect(Buffer.compare(chunks, encodeNpy(data, [3, 4]))).toBe(0);
  });

  test.each([[[2]], [[-1, -3]], [[1.5, 2]], [[2 ** 53, 0]]])(
    'the shape %j of three elements is refused',
    async (shape) => {
      expect((await caughtError(() => encodeNpy(new Float32Array(3), shape))).code).toBe('INPUT_INVALID');
    },
  );
  test('more dimensions than numpy knows are refused', async () => {
    expect((await caughtError(() => npyHeader('int8', new Array<number>(33).fill(1)))).code).toBe('INPUT_INVALID');
  });
});

describe('decodeNpy', () => {
  test('reads back what was written, also at an odd address', () => {
    const arrays = fc.oneof(fc.float32Array(), fc.float64Array(), fc.int8Array(), fc.uint8Array());
    fc.assert(
      fc.property(arrays, fc.boolean(), (data, odd) => {
        const file = encodeNpy(data, [1, data.length]);
        const moved = odd ? Buffer.concat([Buffer.from([0]), file]).subarray(1) : file;
        const { shape, data: read } = decodeNpy(moved);
        expect(shape).toEqual([1, data.length]);
        expect(read).toEqual(data);
      }),
      { seed: 61 },
    );
  });

  test.each([1, 2, 3])('version %i, keys in any order, either quote, no trailing comma', (major) => {
    const file = rawNpy(major, `{"shape": (2,), 'fortran_order': False, 'descr': "|u1"}`, new Uint8Array([7, 8]));
    expect(decodeNpy(file)).toEqual({ dtype: 'uint8', shape: [2], data: new Uint8Array([7, 8]) });
  });

  const ok = "{'descr': '|u1', 'fortran_order': False, 'shape': (1,), }";
  test.each<[string, Uint8Array, string]>([
    ['no bytes', new Uint8Array(0), 'magic'],
    ['another file', new TextEncoder().encode('PK\u0003\u0004 is not it'), 'magic'],
    ['a version alone', rawNpy(1, ok).subarray(0, 7), 'version'],
    ['version 4', rawNpy(4, ok), 'version 4.0'],
    ['a file cut in the header length', rawNpy(2, ok).subarray(0, 10), 'truncated'],
    ['a file cut in the header', rawNpy(1, ok).subarray(0, 40), 'truncated'],
    ['a header of megabytes', rawNpy(2, ok.padEnd(20_000)), 'limit'],
    ['missing data', rawNpy(1, ok), '0 bytes'],
    ['trailing data', rawNpy(1, ok, new Uint8Array(2)), '2 bytes'],
    ['big-endian elements', rawNpy(1, ok.replace('|u1', '>f4'), new Uint8Array(4)), '>f4'],
    ['Python objects', rawNpy(1, ok.replace('|u1', '|O'), new Uint8Array(4)), '|O'],
    ['a structured type', rawNpy(1, ok.replace("'|u1'", "[('a', '<f4')]"), new Uint8Array(4)), 'exactly'],
    ['column-major order', rawNpy(1, ok.replace('False', 'True'), new Uint8Array(1)), 'fortran_order'],
    ['a missing key', rawNpy(1, "{'descr': '|u1', 'shape': (1,), }", new Uint8Array(1)), 'exactly'],
    ['an extra key', rawNpy(1, ok.replace('}', "'x': True}"), new Uint8Array(1)), 'exactly'],
    ['a key twice', rawNpy(1, ok.replace('}', "'descr': '|u1'}"), new Uint8Array(1)), 'exactly'],
    ['a negative dimension', rawNpy(1, ok.replace('(1,)', '(-1,)'), new Uint8Array(1)), 'exactly'],
    ['a number as shape', rawNpy(1, ok.replace('(1,)', '(1)'), new Uint8Array(1)), 'exactly'],
    ['an overflowing shape', rawNpy(1, ok.replace('(1,)', '(9007199254740991, 9007199254740991, 0)')), 'overflows'],
  ])('refuses %s', async (_, file, mention) => {
    const error = await caughtError(() => decodeNpy(file, 'vectors.npy'));
    expect(error.code).toBe('FORMAT_INVALID');
    expect(error.message).toContain('vectors.npy');
    expect(error.message).toContain(mention);
  });

  test('a mutated file gives an array of its shape or FORMAT_INVALID', () => {
    const good = encodeNpy(new Float32Array([1, 2, 3, 4]), [2, 2]);
    fc.assert(
      fc.property(mutated(good), (file) => {
        try {
          const { shape, data } = decodeNpy(file);
          expect(data).toHaveLength(shape.reduce((product, dimension) => product * dimension, 1));
        } catch (error) {
          expect(error).toBeInstanceOf(IsovecError);
          expect(error).toHaveProperty('code', 'FORMAT_INVALID');
        }
      }),
      { seed: 62, numRuns: 10_000 },
    );
  });
});
