import { expect, it } from 'vitest';
import { rowFormatOf } from '#src/files/rows/row-format.js';

it.each([
  ['a.txt', 'text'],
  ['a.TEXT', 'text'],
  ['/data/a.b.jsonl', 'jsonl'],
  ['a.ndjson.gz', 'jsonl'],
  ['a.csv.zst', 'csv'],
  ['a.Csv.GZIP', 'csv'],
  ['a.tsv.zstd', 'tsv'],
  ['a.parquet', 'parquet'],
])('%s is %s', (file, format) => {
  expect(rowFormatOf(file)).toBe(format);
});

it.each(['a.md', 'a', 'a.gz', '.csv/a', 'a.csv.bz2', 'csv'])(
  '%s says no format, and the formats are listed',
  (file) => {
    expect(() => rowFormatOf(file)).toThrow(
      `The name of ${file} does not say its format: .txt, .text, .jsonl, .ndjson, .csv, .tsv, .parquet are known, each also followed by .gz or .zst. Say it with --in-format (text, jsonl, csv, tsv, parquet).`,
    );
  },
);
