import path from 'node:path';
import { openRowSource } from '../../files/rows/open-row-source.js';
import type { RowFormat } from '../../files/rows/row-source.js';
import { IsovecError } from '../../shared/isovec-error.js';
import type { Workload } from './workload.js';

/** How a file becomes a workload. */
export interface FileWorkloadOptions {
  /** By default what the name of the file stands for. */
  readonly format?: RowFormat;
  /** The column that holds the text; by default the one named "text", or the only one of strings. */
  readonly column?: string;
  /** Texts a call, 1 by default. */
  readonly batchSize?: number;
  readonly signal?: AbortSignal;
}

/** All texts are held in memory, for reading must not be part of what is measured. */
const MOST_TEXTS = 100_000;
/** A text longer than this is a mistake in the file; a model reads some thousand characters. */
const MAX_ROW_BYTES = 16 * 1024 * 1024;
const COUNT = 100;

/**
 * The texts of a file (text, JSON Lines, CSV, TSV or Parquet) in its order, as calls. Rows without a text are left out
 * and noted. INPUT_INVALID or FORMAT_INVALID for a file that cannot be read or holds no text.
 */
export async function fileWorkload(file: string, options: FileWorkloadOptions = {}): Promise<Workload> {
  const { format, column, batchSize = 1, signal } = options;
  const source = await openRowSource({ file, format }, { column, keep: [], maxRowBytes: MAX_ROW_BYTES, signal });
  const texts: string[] = [];
  const notes: string[] = [];
  let refused = 0;
  try {
    reading: for await (const run of source.rows()) {
      for (const row of run) {
        if (texts.length === MOST_TEXTS) {
          notes.push(`Of ${file} only the first ${MOST_TEXTS} texts are used.`);
          break reading;
        }
        if ('refused' in row) refused++;
        else texts.push(row.text);
      }
    }
  } finally {
    await source.close();
  }
  if (refused > 0) notes.push(`Rows of ${file} without a text that can be embedded, which are left out: ${refused}.`);
  if (texts.length === 0) {
    throw new IsovecError('INPUT_INVALID', `${file} holds no text to measure with. Name a file with at least one.`, {
      data: { file },
    });
  }
  const calls = Array.from({ length: Math.ceil(texts.length / batchSize) }, (_, call) =>
    texts.slice(call * batchSize, (call + 1) * batchSize),
  );
  return { name: path.basename(file), seed: undefined, parts: [{ name: 'file', calls, count: COUNT }], notes };
}
