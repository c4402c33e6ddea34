import { quote } from '../../formats/quote.js';
import { IsovecError } from '../../shared/isovec-error.js';
import type { Compression } from '../rows/compression.js';
import type { VectorFileFormat } from './vector-encoder.js';

/** What the name of a file of vectors says about its bytes. */
export interface VectorFormat {
  readonly format: VectorFileFormat;
  readonly compression: Compression | undefined;
}

const FORMATS: ReadonlyMap<string, VectorFileFormat> = new Map([
  ['jsonl', 'jsonl'],
  ['ndjson', 'jsonl'],
  ['npy', 'npy'],
  ['parquet', 'parquet'],
  ['f32', 'f32'],
]);

const COMPRESSIONS: ReadonlyMap<string, Compression> = new Map([
  ['gz', 'gzip'],
  ['zst', 'zstd'],
]);

/** Why a format is never compressed as a whole. */
const INCOMPRESSIBLE: Partial<Readonly<Record<VectorFileFormat, string>>> = {
  npy: 'its header is written last, and readers map the file into memory',
  parquet: 'its columns are compressed inside the file, and readers seek in it',
};

/**
 * The format of a file of vectors by its name: .jsonl, .ndjson, .npy, .parquet or .f32 in either case, the first two
 * and the last also with .gz or .zst behind. CONFIG_INVALID for any other name.
 */
export function vectorFormatOf(name: string): VectorFormat {
  const [, extension = '', suffix] = /\.([^./\\]+?)(?:\.(gz|zst))?$/i.exec(name) ?? [];
  const format = FORMATS.get(extension.toLowerCase());
  if (format === undefined) {
    const known = [...FORMATS.keys()].map((key) => `.${key}`).join(', ');
    throw new IsovecError(
      'CONFIG_INVALID',
      `The name ${quote(name)} does not say how vectors are written to it. ` +
        `Let it end in one of ${known}; .jsonl, .ndjson and .f32 also in .gz or .zst after that.`,
    );
  }
  const compression = suffix === undefined ? undefined : COMPRESSIONS.get(suffix.toLowerCase());
  if (compression !== undefined) assertCompressible(format, compression);
  return { format, compression };
}

/** CONFIG_INVALID, with the reason, unless files of this format can be compressed as a whole. */
export function assertCompressible(format: VectorFileFormat, compression: Compression): void {
  const reason = INCOMPRESSIBLE[format];
  if (reason === undefined) return;
  throw new IsovecError(
    'CONFIG_INVALID',
    `A .${format} file cannot be compressed with ${compression} as a whole: ${reason}. ` +
      `Write it as NAME.${format}, or choose .jsonl or .f32.`,
  );
}
