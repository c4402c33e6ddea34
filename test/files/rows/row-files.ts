import { mkdtempSync, readdirSync, readlinkSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Readable } from 'node:stream';
import { parquetWriteBuffer } from 'hyparquet-writer';
import { openRowSource, type RowInput } from '#src/files/rows/open-row-source.js';
import type { RefusedRow, RowFormat, RowOutcome, RowSourceOptions, SourceRow } from '#src/files/rows/row-source.js';

export const DEFAULTS: RowSourceOptions = { keep: [], maxRowBytes: 16 * 1024 * 1024 };

/** A row as the encoders below write it; text files have texts only. */
export interface Written {
  readonly id: string;
  readonly text: string;
}

/** Tiny writers, one per format: what they write is what the reader must give back. */
export const ENCODERS: Readonly<Record<RowFormat, (rows: readonly Written[]) => Buffer>> = {
  text: (rows) => Buffer.from(rows.map(({ text }) => `${text}\n`).join('')),
  jsonl: (rows) => Buffer.from(rows.map((row) => `${JSON.stringify(row)}\n`).join('')),
  csv: (rows) => delimited(rows, ','),
  tsv: (rows) => delimited(rows, '\t'),
  parquet: (rows) =>
    Buffer.from(
      parquetWriteBuffer({
        columnData: [
          { name: 'id', data: rows.map(({ id }) => id), type: 'STRING' },
          { name: 'text', data: rows.map(({ text }) => text), type: 'STRING' },
        ],
        rowGroupSize: 100,
      }),
    ),
};

export const EXTENSIONS: Readonly<Record<RowFormat, string>> = {
  text: 'txt',
  jsonl: 'jsonl',
  csv: 'csv',
  tsv: 'tsv',
  parquet: 'parquet',
};

function delimited(rows: readonly Written[], delimiter: string): Buffer {
  const quoted = (field: string): string => `"${field.replaceAll('"', '""')}"`;
  const lines = [{ id: 'id', text: 'text' }, ...rows];
  return Buffer.from(lines.map(({ id, text }) => quoted(id) + delimiter + quoted(text) + '\n').join(''));
}

/** A temporary folder that is removed when the test ends. */
export function temporaryFolder(): { readonly path: string } & Disposable {
  const folder = mkdtempSync(path.join(tmpdir(), 'isovec-rows-'));
  return {
    path: folder,
    [Symbol.dispose]: () => {
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** Every row of an input. */
export async function collect(input: RowInput, options: Partial<RowSourceOptions> = {}): Promise<RowOutcome[]> {
  const source = await openRowSource(input, { ...DEFAULTS, ...options });
  const outcomes: RowOutcome[] = [];
  for await (const run of source.rows()) for (const outcome of run) outcomes.push(outcome);
  return outcomes;
}

/** A stream of bytes in pieces of the given sizes, which are used in turn. */
export function inPieces(bytes: Uint8Array, sizes: readonly number[]): Readable {
  const pieces: Uint8Array[] = [];
  for (let begin = 0, turn = 0; begin < bytes.length; turn++) {
    const end = begin + Math.max(1, sizes[turn % sizes.length] ?? bytes.length);
    pieces.push(bytes.slice(begin, end));
    begin = end;
  }
  return Readable.from(pieces);
}

function isRefused(outcome: RowOutcome): outcome is RefusedRow {
  return 'refused' in outcome;
}

/** The rows that were not refused. */
export function accepted(outcomes: readonly RowOutcome[]): SourceRow[] {
  return outcomes.filter((outcome): outcome is SourceRow => !isRefused(outcome));
}

/** Numbers and messages of the refused rows. */
export function refusals(outcomes: readonly RowOutcome[]): string[] {
  return outcomes.filter(isRefused).map(({ number, refused }) => `${number} ${refused.code} ${refused.message}`);
}

/** Files that this process holds open under a folder; undefined where the system does not tell. */
export function openFiles(folder: string): string[] | undefined {
  if (process.platform !== 'linux') return undefined;
  return readdirSync('/proc/self/fd').flatMap((descriptor) => {
    try {
      const target = readlinkSync(`/proc/self/fd/${descriptor}`);
      return target.startsWith(folder) ? [target] : [];
    } catch {
      // The descriptor of the listing itself is gone by now.
      return [];
    }
  });
}
