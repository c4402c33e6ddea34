import type { Readable } from 'node:stream';
import { IsovecError } from '../../shared/isovec-error.js';
import { ByteStream } from './byte-stream.js';
import { rowFormatOf } from './row-format.js';
import type { RowFormat, RowSource, RowSourceOptions } from './row-source.js';
import { openGivenTexts, openTextRows } from './text-rows.js';

/** Where rows come from. `name` stands for the input in messages. */
export type RowInput =
  | {
      readonly file: string;
      /** By default what the name of the file stands for. */
      readonly format?: RowFormat | undefined;
    }
  | {
      readonly stream: Readable;
      readonly name: string;
      /** By default a text a line. */
      readonly format?: RowFormat | undefined;
    }
  | { readonly texts: readonly string[]; readonly name: string };

/**
 * Opens a file, a pipe or an array of texts for one reading. Compressed data (gzip; zstd where Node.js has it) is
 * recognised by its first bytes. The readers of CSV and Parquet are loaded only when they are needed: they would cost
 * the command line a good part of its start.
 *
 * Errors: {@link RowSource}; INPUT_INVALID for a file whose name does not say its format, and for Parquet from a pipe.
 */
export async function openRowSource(input: RowInput, options: RowSourceOptions): Promise<RowSource> {
  if ('texts' in input) return openGivenTexts(input.texts, input.name, options);
  const format = input.format ?? ('file' in input ? rowFormatOf(input.file) : 'text');
  if (format === 'parquet') {
    if ('file' in input) return (await import('./parquet/open-parquet-rows.js')).openParquetRows(input.file, options);
    throw new IsovecError(
      'INPUT_INVALID',
      `Parquet cannot be read from ${input.name}: its table of contents is at the end. Write it to a file, and name that.`,
    );
  }
  const stream =
    'file' in input
      ? await ByteStream.openFile(input.file, options.signal)
      : ByteStream.ofStream(input.stream, input.name, options.signal);
  try {
    return await openFormat(format, stream, options);
  } catch (error) {
    await stream.close();
    throw error;
  }
}

async function openFormat(
  format: Exclude<RowFormat, 'parquet'>,
  stream: ByteStream,
  options: RowSourceOptions,
): Promise<RowSource> {
  switch (format) {
    case 'text':
      return openTextRows(stream, options);
    case 'jsonl':
      return (await import('./json-lines/open-json-lines-rows.js')).openJsonLinesRows(stream, options);
    case 'csv':
    case 'tsv':
      return (await import('./csv/open-csv-rows.js')).openCsvRows(stream, format, options);
  }
}
