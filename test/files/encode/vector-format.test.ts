import { describe, expect, it } from 'vitest';

import { vectorFormatOf } from '#src/files/vectors/vector-format.js';

describe('the name of a file of vectors', () => {
  it.each([
    ['a.jsonl', 'jsonl', undefined],
    ['a.ndjson', 'jsonl', undefined],
    ['folder.npy/a.b.NPY', 'npy', undefined],
    ['a.parquet', 'parquet', undefined],
    ['a.f32', 'f32', undefined],
    ['a.jsonl.gz', 'jsonl', 'gzip'],
    ['a.NDJSON.ZST', 'jsonl', 'zstd'],
    ['a.f32.gz', 'f32', 'gzip'],
    ['.f32.zst', 'f32', 'zstd'],
  ])('%s means %s, compression %s', (name, format, compression) => {
    expect(vectorFormatOf(name)).toEqual({ format, compression });
  });

  it.each(['a', 'a.txt', 'a.gz', 'jsonl', 'a.jsonl.bz2', 'a.jsonl.gz.zst', 'a.npy/b', 'a.jsonl/', '', 'a.'])(
    '%j is refused with a list of the formats',
    (name) => {
      expect(() => vectorFormatOf(name)).toThrow(
        expect.objectContaining({
          code: 'CONFIG_INVALID',
          message: expect.stringMatching(/\.jsonl, \.ndjson, \.npy, \.parquet, \.f32/) as string,
        }),
      );
    },
  );

  it.each(['a.npy.gz', 'a.parquet.zst'])('%s is refused with the reason', (name) => {
    expect(() => vectorFormatOf(name)).toThrow(/cannot be compressed .* as a whole: /);
  });
});
