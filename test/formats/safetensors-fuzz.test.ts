import fc from 'fast-check';
import { expect, test } from 'vitest';
import { encodeSafetensors } from '#src/formats/safetensors/encode-safetensors.js';
import { parseShardIndex } from '#src/formats/safetensors/parse-shard-index.js';
import type { SafetensorsHeader } from '#src/formats/safetensors/read-safetensors-header.js';
import { IsovecError } from '#src/shared/isovec-error.js';
import { mutated } from './mutated.js';
import { readRaw } from './safetensors-file.js';

const good = encodeSafetensors(
  [
    { name: 'embeddings.weight', dtype: 'F32', shape: [3, 2], bytes: new Uint8Array(24).fill(1) },
    { name: 'bias', dtype: 'F16', shape: [5], bytes: new Uint8Array(10).fill(2) },
    { name: 'scalar', dtype: 'U8', shape: [], bytes: new Uint8Array(1).fill(3) },
    { name: 'empty', dtype: 'I64', shape: [0, 4], bytes: new Uint8Array(0) },
  ],
  [['format', 'pt']],
);

const SIZES = new Map(
  Object.entries({
    BOOL: 1,
    U8: 1,
    I8: 1,
    U16: 2,
    I16: 2,
    F16: 2,
    BF16: 2,
    U32: 4,
    I32: 4,
    F32: 4,
    U64: 8,
    I64: 8,
    F64: 8,
  }),
);

/** The rules of the format, checked a second time in the plainest way: a byte map of the data area. */
function expectSound(header: SafetensorsHeader, file: Uint8Array): void {
  const owners = new Uint8Array(file.byteLength);
  owners.fill(1, 0, header.dataBegin);
  for (const { dtype, shape, begin, end } of header.tensors.values()) {
    const count = shape.reduce((product, dimension) => product * BigInt(dimension), 1n);
    expect(BigInt(end - begin)).toBe(count * BigInt(SIZES.get(dtype) ?? NaN));
    for (let byte = begin; byte < end; byte++) owners[byte] = (owners[byte] ?? 0) + 1;
    expect(end).toBeLessThanOrEqual(file.byteLength);
  }
  expect(owners.every((count) => count === 1)).toBe(true);
}

test('the file that is mutated is sound', async () => {
  expectSound(await readRaw(good), good);
});

test('a mutated file gives a sound header or FORMAT_INVALID', async () => {
  let refused = 0;
  let read = 0;
  await fc.assert(
    fc.asyncProperty(mutated(good), async (file) => {
      let header: SafetensorsHeader;
      try {
        header = await readRaw(file);
      } catch (error) {
        expect(error).toBeInstanceOf(IsovecError);
        expect(error).toHaveProperty('code', 'FORMAT_INVALID');
        refused++;
        return;
      }
      expectSound(header, file);
      read++;
    }),
    { seed: 51, numRuns: 20_000 },
  );
  // Both outcomes occur, so neither branch above is empty.
  expect(refused).toBeGreaterThan(1000);
  expect(read).toBeGreaterThan(20);
});

test('a mutated index gives plain file names or FORMAT_INVALID', () => {
  const index = new TextEncoder().encode('{"metadata":{},"weight_map":{"a":"m-1.safetensors","b":"m-2.safetensors"}}');
  fc.assert(
    fc.property(mutated(index), (bytes) => {
      try {
        for (const shard of parseShardIndex(bytes, 'index.json').shards) {
          expect(shard).toMatch(/\.safetensors$/);
          expect(shard).not.toMatch(/[/\\]|\.\./);
        }
      } catch (error) {
        expect(error).toHaveProperty('code', 'FORMAT_INVALID');
      }
    }),
    { seed: 52, numRuns: 10_000 },
  );
});
