import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { bytesSource } from '#src/formats/safetensors/bytes-source.js';
import { isSafetensorsDtype, SAFETENSORS_DTYPE_BYTES } from '#src/formats/safetensors/dtype-bytes.js';
import { encodeSafetensors, type SafetensorsTensor } from '#src/formats/safetensors/encode-safetensors.js';
import { caughtError } from './caught-error.js';
import { readRaw } from './safetensors-file.js';

const dtypes = Object.keys(SAFETENSORS_DTYPE_BYTES).filter(isSafetensorsDtype);

const tensor = fc
  .record({
    name: fc.string({ unit: 'binary' }).filter((name) => name !== '__metadata__'),
    dtype: fc.constantFrom(...dtypes),
    shape: fc.array(fc.nat(4), { maxLength: 3 }),
    fill: fc.nat(255),
  })
  .map(({ name, dtype, shape, fill }): SafetensorsTensor => {
    const count = shape.reduce((product, dimension) => product * dimension, 1);
    return { name, dtype, shape, bytes: new Uint8Array(count * SAFETENSORS_DTYPE_BYTES[dtype]).fill(fill) };
  });

const tensors = fc.uniqueArray(tensor, { selector: ({ name }) => name, maxLength: 12 });
const metadata = fc.uniqueArray(fc.tuple(fc.string(), fc.string()), { selector: ([key]) => key, maxLength: 4 });

test('what is written is read back', async () => {
  await fc.assert(
    fc.asyncProperty(tensors, metadata, async (given, notes) => {
      const file = encodeSafetensors(given, notes);
      const header = await readRaw(file);
      expect(new Map(header.metadata)).toEqual(new Map(notes));
      expect(header.tensors.size).toBe(given.length);
      for (const { name, dtype, shape, bytes } of given) {
        const info = header.tensors.get(name);
        expect(info).toMatchObject({ name, dtype, shape });
        expect(file.subarray(info?.begin, info?.end)).toEqual(bytes);
      }
    }),
    { seed: 21 },
  );
});

test('every tensor is aligned to its element size', async () => {
  await fc.assert(
    fc.asyncProperty(tensors, metadata, async (given, notes) => {
      const header = await readRaw(encodeSafetensors(given, notes));
      expect(header.dataBegin % 8).toBe(0);
      for (const { dtype, begin } of header.tensors.values()) expect(begin % SAFETENSORS_DTYPE_BYTES[dtype]).toBe(0);
    }),
    { seed: 22 },
  );
});

test('the order of tensors and metadata does not change the bytes', () => {
  fc.assert(
    fc.property(tensors, metadata, (given, notes) => {
      expect(encodeSafetensors(given.toReversed(), notes.toReversed())).toEqual(encodeSafetensors(given, notes));
    }),
    { seed: 23 },
  );
});

test('the bytes of a small file', () => {
  const bytes = new Uint8Array([1, 2, 3, 4]);
  const file = encodeSafetensors([{ name: 'a', dtype: 'F32', shape: [1], bytes }], [['format', 'pt']]);
  const header = '{"__metadata__":{"format":"pt"},"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}';
  const padded = header.padEnd(Math.ceil(header.length / 8) * 8);
  expect([...file.subarray(0, 8)]).toEqual([padded.length, 0, 0, 0, 0, 0, 0, 0]);
  expect(new TextDecoder().decode(file.subarray(8, 8 + padded.length))).toBe(padded);
  expect(file.subarray(8 + padded.length)).toEqual(bytes);
});

describe('refused', () => {
  const one = { dtype: 'U8', shape: [1], bytes: new Uint8Array(1) } as const;
  test.each<[string, SafetensorsTensor[], string]>([
    [
      'a name given twice',
      [
        { ...one, name: 'a' },
        { ...one, name: 'a' },
      ],
      'twice',
    ],
    ['the reserved name', [{ ...one, name: '__metadata__' }], 'reserves'],
    ['bytes that do not fit', [{ ...one, name: 'a', shape: [2] }], 'do not fit'],
    ['a negative dimension', [{ ...one, name: 'a', shape: [-1, -1] }], 'shape'],
  ])('%s', async (_, given, mention) => {
    const error = await caughtError(() => encodeSafetensors(given));
    expect(error.code).toBe('INPUT_INVALID');
    expect(error.message).toContain(mention);
  });
});

test('a source in memory gives its bytes and refuses what it does not hold', async () => {
  const source = bytesSource('memory', new Uint8Array([1, 2, 3]));
  expect([...(await source.read(1, 3))]).toEqual([2, 3]);
  expect((await caughtError(() => source.read(2, 4))).message).toContain('memory holds 3 bytes');
});
