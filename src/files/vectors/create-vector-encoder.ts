import { quote } from '../../formats/quote.js';
import { IsovecError } from '../../shared/isovec-error.js';
import { F32Encoder } from './f32/f32-encoder.js';
import { JsonLinesEncoder } from './json-lines/json-lines-encoder.js';
import { NpyEncoder } from './npy/npy-encoder.js';
import type { VectorEncoder, VectorEncoderOptions, VectorFileFormat } from './vector-encoder.js';
import { LONE_SURROGATE } from '../../shared/lone-surrogate.js';

/** Loads what the encoder of a format needs, for a caller that has something else to wait for. */
export async function loadVectorEncoder(format: VectorFileFormat): Promise<void> {
  if (format === 'parquet') await import('./parquet/parquet-encoder.js');
}

/**
 * The encoder of a format. CONFIG_INVALID for a precision that the format does not have, and for names of columns that
 * it cannot keep apart; FORMAT_INVALID for an earlier note that no encoder of this format wrote.
 */
export async function createVectorEncoder(
  format: VectorFileFormat,
  options: VectorEncoderOptions,
): Promise<VectorEncoder> {
  switch (format) {
    case 'jsonl':
      checkNames(format, options);
      return new JsonLinesEncoder(options);
    case 'npy':
      return new NpyEncoder(options);
    case 'f32':
      return new F32Encoder(options);
    case 'parquet': {
      checkNames(format, options);
      // Loaded on demand: only this format needs the libraries behind it.
      const { ParquetEncoder } = await import('./parquet/parquet-encoder.js');
      return new ParquetEncoder(options);
    }
  }
}

function checkNames(format: VectorFileFormat, { columns, vectorColumn }: VectorEncoderOptions): void {
  const names = new Set<string>();
  for (const { name } of columns) {
    if (name === vectorColumn) {
      throw new IsovecError(
        'CONFIG_INVALID',
        `The source has a column ${quote(name)} already. Choose another name for the vectors with --vector-column, or leave that column out with --keep.`,
      );
    }
    if (names.has(name)) {
      throw new IsovecError(
        'CONFIG_INVALID',
        `Two columns of the source are named ${quote(name)}. Name the ones to keep with --keep.`,
      );
    }
    names.add(name);
  }
  const unwritable = [vectorColumn, ...names].find((name) => name === '' || LONE_SURROGATE.test(name));
  if (unwritable === undefined || (format === 'jsonl' && unwritable !== vectorColumn)) return;
  throw new IsovecError(
    'CONFIG_INVALID',
    `The column name ${quote(unwritable)} is empty or not valid Unicode. Name the columns to keep with --keep, and the one for the vectors with --vector-column.`,
  );
}
