import { dirname, resolve } from 'node:path';
import { throwIfAborted } from '../../../shared/abort.js';
import { errorMessage, IsovecError, isIsovecError } from '../../../shared/isovec-error.js';
import type { Logger } from '../../../shared/log.js';
import { openRowSource } from '../../rows/open-row-source.js';
import type { RowFormat } from '../../rows/row-source.js';
import { SourceDigest } from '../../rows/source-digest.js';
import type { VectorRecord } from '../vector-file.js';
import type { VectorMetadata } from '../vector-metadata.js';
import { readRefusedRows, refusedFileOf } from './vector-sidecars.js';

/** Longest row of a file of texts; beyond it nobody reads the text in a table (CWE-400). */
const MAX_ROW_BYTES = 64 * 1024 * 1024;

/** Reads what lies beside some vectors, by index. */
export type RecordReader = (
  indices: readonly number[],
  signal: AbortSignal | undefined,
) => Promise<ReadonlyMap<number, VectorRecord>>;

/** Which texts belong to a file of vectors. */
export interface SourceRecordsPlan {
  /** The file of vectors. */
  readonly vectors: string;
  /** How many vectors are in it. */
  readonly countRows: (signal: AbortSignal | undefined) => Promise<number>;
  readonly metadata: VectorMetadata | undefined;
  /** The file of texts that was asked for. */
  readonly texts: string | undefined;
  readonly textColumn: string | undefined;
  readonly logger: Logger;
}

/**
 * Reads texts from the file they were embedded from, or from one that was asked for. Its rows must be as many as the
 * vectors and the refused rows together: a source that has changed gives no texts, which the logger is told, and one
 * that was asked for is INPUT_INVALID.
 */
export function sourceRecords(plan: SourceRecordsPlan): RecordReader {
  const { vectors, metadata, texts, logger } = plan;
  const source = texts ?? metadata?.source.file ?? undefined;
  if (source === undefined) return () => Promise.resolve(new Map());
  // A source's name is relative to the folder of the vectors, a name that was asked for to the working folder.
  const file = texts ?? resolve(dirname(vectors), source);
  const column = plan.textColumn ?? (texts === undefined ? metadata?.source.column : undefined);
  const format = texts === undefined ? metadata?.source.format : undefined;
  return async (indices, signal) => {
    if (indices.length === 0) return new Map();
    try {
      const recorded = texts === undefined ? metadata?.source : undefined;
      return await readTexts({ ...plan, input: { file, format }, column, recorded }, indices, signal);
    } catch (error) {
      if (texts !== undefined || !isIsovecError(error) || error.code === 'ABORTED') throw error;
      logger.warn(`No texts are shown: ${errorMessage(error)} Name the file of the texts with --texts.`);
      return new Map();
    }
  };
}

/** As {@link SourceRecordsPlan}, decided. */
interface ReadTextsPlan extends SourceRecordsPlan {
  readonly input: { readonly file: string; readonly format: RowFormat | undefined };
  readonly column: string | undefined;
  /** What is known of the source; undefined for another file, which only has to have as many rows. */
  readonly recorded: VectorMetadata['source'] | undefined;
}

async function readTexts(
  { vectors, countRows, metadata, input, column, recorded }: ReadTextsPlan,
  indices: readonly number[],
  signal: AbortSignal | undefined,
): Promise<Map<number, VectorRecord>> {
  throwIfAborted(signal);
  const refused = await readRefusedRows(vectors);
  const expected = await countRows(signal);
  if (metadata !== undefined && metadata.refused !== refused.size) {
    throw new IsovecError(
      'FORMAT_INVALID',
      `${refusedFileOf(vectors)} lists ${refused.size} rows without a vector, the metadata says ${metadata.refused}. Put the file back, or embed the texts again.`,
      { data: { file: vectors } },
    );
  }
  const wanted = new Set(indices);
  const records = new Map<number, VectorRecord>();
  const { maxRowBytes = MAX_ROW_BYTES, header } = recorded ?? {};
  const source = await openRowSource(input, { keep: [], maxRowBytes, header, column, signal });
  const digest = new SourceDigest();
  let index = 0;
  let skipped = 0;
  try {
    for await (const outcomes of source.rows()) {
      for (const outcome of outcomes) {
        digest.add(outcome);
        if (refused.has(outcome.number)) {
          skipped++;
          continue;
        }
        if ('text' in outcome && wanted.has(index)) records.set(index, { text: outcome.text, values: {} });
        index++;
      }
    }
  } finally {
    await source.close();
  }
  if (index !== expected || skipped !== refused.size) {
    throw new IsovecError(
      'INPUT_INVALID',
      `${input.file} has ${index + skipped} rows, of which ${skipped} have no vector; ${vectors} has ${expected} vectors. It is not the file that was embedded.`,
      { data: { file: input.file } },
    );
  }
  if (recorded !== undefined && digest.value() !== recorded.digest) {
    throw new IsovecError(
      'INPUT_INVALID',
      `${input.file} has changed since it was embedded. Embed it again, or put the file back.`,
      { data: { file: input.file } },
    );
  }
  return records;
}
