import fc from 'fast-check';
import { expect, it } from 'vitest';
import { readHybrid } from '#src/files/rows/parquet/read-hybrid.js';

function varint(value: number): number[] {
  return value < 0x80 ? [value] : [(value % 0x80) + 0x80, ...varint(Math.floor(value / 0x80))];
}

/** One run: `length` equal values, or values packed to `width` bits in groups of eight, padded with zeros. */
function encode(values: readonly number[], width: number, equal: boolean): number[] {
  const bytes = (value: bigint, count: number): number[] =>
    Array.from({ length: count }, (_, index) => Number((value >> BigInt(8 * index)) & 0xffn));
  if (equal) return [...varint(values.length * 2), ...bytes(BigInt(values[0] ?? 0), Math.ceil(width / 8))];
  const groups = Math.ceil(values.length / 8);
  const packed = values.reduce((sum, value, index) => sum | (BigInt(value) << BigInt(index * width)), 0n);
  return [...varint(groups * 2 + 1), ...bytes(packed, groups * width)];
}

it('gives back any runs of any width', () => {
  const widths = fc.integer({ min: 1, max: 32 });
  const runs = widths.chain((width) => {
    const value = fc.integer({ min: 0, max: 2 ** width - 1 });
    const equal = fc.record({ value, count: fc.integer({ min: 1, max: 300 }) });
    const packed = fc.integer({ min: 1, max: 4 }).chain((n) => fc.array(value, { minLength: 8 * n, maxLength: 8 * n }));
    return fc.record({ width: fc.constant(width), runs: fc.array(fc.oneof(equal, packed), { maxLength: 6 }) });
  });
  fc.assert(
    fc.property(runs, (data) => {
      const values: number[] = [];
      const bytes = data.runs.flatMap((run) => {
        const part = Array.isArray(run) ? run : Array.from({ length: run.count }, () => run.value);
        values.push(...part);
        return encode(part, data.width, !Array.isArray(run));
      });
      expect(Array.from(readHybrid(Uint8Array.from(bytes), data.width, values.length))).toEqual(values);
    }),
  );
});

it('reads as many values as asked for, whatever a run claims', () => {
  const claim = Uint8Array.from([...varint(2 ** 31 * 2), 7]);
  expect(Array.from(readHybrid(claim, 3, 4))).toEqual([7, 7, 7, 7]);
  // The last group may be cut short.
  expect(Array.from(readHybrid(Uint8Array.from([3, 0b101]), 1, 3))).toEqual([1, 0, 1]);
});

it('throws when the bytes end first', () => {
  for (const bytes of [[], [4, 1], [4], [0x80], [3, 1], [0, 0, 0, 0]]) {
    expect(() => readHybrid(Uint8Array.from(bytes), 8, 20)).toThrow('ends within its levels or indices');
  }
  expect(() => readHybrid(Uint8Array.from([2, 1]), 33, 1)).toThrow('cannot have 33 bits');
  expect(() => readHybrid(Uint8Array.from([2, 2]), 1, 1)).toThrow('holds 2 where values have 1 bits');
});
