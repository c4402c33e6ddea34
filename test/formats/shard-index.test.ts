import { describe, expect, test } from 'vitest';
import { parseShardIndex } from '#src/formats/safetensors/parse-shard-index.js';
import { caughtError } from './caught-error.js';

const FILE = 'model.safetensors.index.json';

function parse(text: string): ReturnType<typeof parseShardIndex> {
  return parseShardIndex(new TextEncoder().encode(text), FILE);
}

test('tensors by shard, each shard once and sorted', () => {
  const { weightMap, shards } = parse(
    '{"metadata":{"total_size":3},"weight_map":{"a":"m-2.safetensors","b":"m-1.safetensors","c":"m-2.safetensors"}}',
  );
  expect([...weightMap]).toEqual([
    ['a', 'm-2.safetensors'],
    ['b', 'm-1.safetensors'],
    ['c', 'm-2.safetensors'],
  ]);
  expect(shards).toEqual(['m-1.safetensors', 'm-2.safetensors']);
});

describe('refused, naming the index and weight_map', () => {
  test.each([
    '../other/model.safetensors',
    '/etc/model.safetensors',
    'sub/model.safetensors',
    'sub\\model.safetensors',
    'C:model.safetensors',
    '..safetensors',
    '.safetensors',
    'pytorch_model.bin',
    'model.safetensors.bin',
    'model.safetensors\n',
    'model\u0000.safetensors',
    '',
  ])('the shard name %j', async (shard) => {
    const error = await caughtError(() => parse(JSON.stringify({ weight_map: { 'a.weight': shard } })));
    expect(error.code).toBe('FORMAT_INVALID');
    for (const word of [FILE, 'weight_map', 'a.weight']) expect(error.message).toContain(word);
  });
  test.each(['{}', '{"weight_map":[]}', '{"weight_map":{}}', '{"weight_map":{"a":3}}', '{"weight_map":{"a":null}}'])(
    '%s',
    async (text) => {
      const error = await caughtError(() => parse(text));
      expect(error.code).toBe('FORMAT_INVALID');
      for (const word of [FILE, 'weight_map']) expect(error.message).toContain(word);
    },
  );
});

test('a tensor that is mapped twice is refused', async () => {
  const error = await caughtError(() => parse('{"weight_map":{"a":"x.safetensors","a":"y.safetensors"}}'));
  expect(error.code).toBe('FORMAT_INVALID');
  expect(error.message).toContain('"weight_map" > "a"');
});

test('a byte order mark is skipped', () => {
  expect(parse('\ufeff{"weight_map":{"a":"x.safetensors"}}').shards).toEqual(['x.safetensors']);
});
