import { basename } from 'node:path';
import { IsovecError } from '../../shared/isovec-error.js';
import type { RowFormat } from './row-source.js';

/** Every {@link RowFormat}, as messages list them. */
export const ROW_FORMATS: readonly RowFormat[] = ['text', 'jsonl', 'csv', 'tsv', 'parquet'];

const EXTENSIONS: ReadonlyMap<string, RowFormat> = new Map([
  ['txt', 'text'],
  ['text', 'text'],
  ['jsonl', 'jsonl'],
  ['ndjson', 'jsonl'],
  ['csv', 'csv'],
  ['tsv', 'tsv'],
  ['parquet', 'parquet'],
]);

/** Says nothing of the format: compression is recognised by the first bytes of the file. */
const COMPRESSED = /\.(?:gz|gzip|zst|zstd)$/i;

/** The format that the name of a file stands for. INPUT_INVALID for an extension that is none of them. */
export function rowFormatOf(file: string): RowFormat {
  const name = basename(file).replace(COMPRESSED, '');
  const format = EXTENSIONS.get(/\.([^.]+)$/.exec(name)?.[1]?.toLowerCase() ?? '');
  if (format !== undefined) return format;
  const known = [...EXTENSIONS.keys()].map((extension) => `.${extension}`).join(', ');
  throw new IsovecError(
    'INPUT_INVALID',
    `The name of ${file} does not say its format: ${known} are known, each also followed by .gz or .zst. Say it with --in-format (${ROW_FORMATS.join(', ')}).`,
    { data: { file } },
  );
}
