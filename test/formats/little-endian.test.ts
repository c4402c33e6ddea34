import { expect, test } from 'vitest';
import { hostBytes, littleEndianBytes, swapElements } from '#src/formats/little-endian.js';

test('the bytes of every element are reversed, a rest is kept, the input is not changed', () => {
  const given = new Uint8Array([1, 2, 3, 4, 5, 6, 7, 8, 9]);
  expect([...swapElements(given, 2)]).toEqual([2, 1, 4, 3, 6, 5, 8, 7, 9]);
  expect([...swapElements(given, 4)]).toEqual([4, 3, 2, 1, 8, 7, 6, 5, 9]);
  expect([...swapElements(given, 8)]).toEqual([8, 7, 6, 5, 4, 3, 2, 1, 9]);
  expect([...given]).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9]);
});

test('what a typed array looks at is aligned, and goes back to the same bytes', () => {
  const bytes = new Uint8Array(33).map((_, index) => index).subarray(1);
  for (const size of [1, 2, 4, 8]) expect(hostBytes(bytes, size).byteOffset % size).toBe(0);
  const { buffer, byteOffset } = hostBytes(bytes, 4);
  expect(littleEndianBytes(new Uint32Array(buffer, byteOffset, 8))).toEqual(bytes);
});
