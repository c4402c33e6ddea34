import { describe, expect, it } from 'vitest';

import { createVectorEncoder } from '#src/files/vectors/create-vector-encoder.js';
import { decodeNpy } from '#src/formats/npy/decode-npy.js';
import type { Precision } from '#src/vector/index.js';

import { encodeFile, sampleRequest } from './encode-file.js';

const DTYPES: readonly (readonly [Precision, string])[] = [
  ['float32', 'float32'],
  ['int8', 'int8'],
  ['uint8', 'uint8'],
  ['binary', 'int8'],
  ['ubinary', 'uint8'],
];

describe('a .npy file', () => {
  it.each(DTYPES)('of %s vectors is an array of %s', async (precision, dtype) => {
    const request = sampleRequest('npy', [3, 0, 4], { precision, dimensions: 20 });
    const array = decodeNpy(await encodeFile(request));
    const rowLength = precision.endsWith('binary') ? 3 : 20;
    expect(array).toMatchObject({ dtype, shape: [7, rowLength] });
    const rows = request.segments.flatMap(({ vectors }) => vectors.toArrays());
    expect(Array.from(array.data)).toEqual(rows.flat());
  });

  it('without rows is an array of none', async () => {
    expect(decodeNpy(await encodeFile(sampleRequest('npy', [])))).toMatchObject({ shape: [0, 5] });
  });
});

describe('a .f32 file', () => {
  it('holds the values of all rows, little-endian, and nothing else', async () => {
    const request = sampleRequest('f32', [3, 0, 4]);
    const file = await encodeFile(request);
    const values = request.segments.flatMap(({ vectors }) => vectors.toArrays().flat());
    expect(file.byteLength).toBe(values.length * 4);
    for (const [index, value] of values.entries()) expect(file.readFloatLE(index * 4)).toBe(value);
  });

  it.each(['int8', 'uint8', 'binary', 'ubinary'] as const)('refuses %s and names .npy', async (precision) => {
    const options = { precision, dimensions: 8, columns: [], vectorColumn: 'v', earlier: [] };
    await expect(createVectorEncoder('f32', options)).rejects.toMatchObject({
      code: 'CONFIG_INVALID',
      message: expect.stringContaining('.npy') as string,
    });
  });
});
