import { quote } from '../../../formats/quote.js';
import { throwIfAborted } from '../../../shared/abort.js';
import { IsovecError } from '../../../shared/isovec-error.js';
import type { Column } from '../../column.js';
import { checkColumnNames, chooseKeptColumns, chooseTextColumn } from '../choose-columns.js';
import { OpenedRows } from '../opened-rows.js';
import { isLongerThan, refuseLongRow, refuseRow } from '../refuse-row.js';
import type { RowOutcome, RowSource, RowSourceOptions } from '../row-source.js';
import { readColumnPages } from './column-pages.js';
import { ParquetBytes } from './parquet-bytes.js';
import { parquetColumns, type ParquetColumn } from './parquet-schema.js';
import { BrokenValue } from './parquet-values.js';
import { readParquetMetadata, type ParquetFooter } from './read-parquet-metadata.js';

/** Most rows of a run: a page of short values may have a million. */
const RUN_ROWS = 4096;

/** The rows of a Parquet file: pages of the needed columns only, one page of each at a time. */
export async function openParquetRows(file: string, options: RowSourceOptions): Promise<RowSource> {
  throwIfAborted(options.signal);
  const bytes = await ParquetBytes.open(file);
  try {
    const footer = await readParquetMetadata(bytes);
    const { text, kept } = chooseColumns(file, parquetColumns(footer.schema), options);
    const facts = {
      name: file,
      format: 'parquet',
      column: text.name,
      columns: kept.map(asColumn),
      rowCount: footer.rowCount,
      signal: options.signal,
    } as const;
    return new OpenedRows(facts, bytes, () => readRows(bytes, footer, text, kept, options));
  } catch (error) {
    await bytes.close();
    throw error;
  }
}

async function* readRows(
  bytes: ParquetBytes,
  footer: ParquetFooter,
  text: ParquetColumn,
  kept: readonly ParquetColumn[],
  options: RowSourceOptions,
): AsyncGenerator<readonly RowOutcome[], void, undefined> {
  const columns = [text, ...kept.filter((column) => column !== text)];
  const places = kept.map((column) => columns.indexOf(column));
  let number = 1;
  for (const [index, { num_rows, columns: chunks }] of footer.metadata.row_groups.entries()) {
    const group = { index, rows: Number(num_rows) };
    const pages = columns.map((column) => readColumnPages(bytes, column, chunks[column.leaf], group));
    for await (const run of alignPages(pages, group.rows)) {
      throwIfAborted(options.signal);
      const count = run[0]?.length ?? 0;
      const first = number;
      yield Array.from({ length: count }, (_, row) => {
        const values = run.map((column) => column[row]);
        return rowOf(bytes.name, first + row, values, columns, places, options.maxRowBytes);
      });
      number += count;
    }
  }
}

/** The same rows of every column, however their pages are cut. Every generator is read to its end. */
async function* alignPages(
  pages: readonly AsyncGenerator<readonly unknown[], void, undefined>[],
  rows: number,
): AsyncGenerator<readonly (readonly unknown[])[], void, undefined> {
  const current = pages.map((): readonly unknown[] => []);
  const used = pages.map(() => 0);
  for (let done = 0; done < rows;) {
    for (const [index, generator] of pages.entries()) {
      while ((current[index]?.length ?? 0) === used[index]) {
        const next = await generator.next();
        // It ends behind the last row only, or throws.
        current[index] = next.done === true ? [] : next.value;
        if (next.done === true) return;
        used[index] = 0;
      }
    }
    const count = Math.min(RUN_ROWS, ...current.map((values, index) => values.length - (used[index] ?? 0)));
    yield current.map((values, index) => values.slice(used[index], (used[index] ?? 0) + count));
    for (const index of used.keys()) used[index] = (used[index] ?? 0) + count;
    done += count;
  }
  // Behind the last row, a column checks that it has no more.
  for (const generator of pages) await generator.next();
}

function rowOf(
  name: string,
  number: number,
  values: readonly unknown[],
  columns: readonly ParquetColumn[],
  places: readonly number[],
  maxRowBytes: number,
): RowOutcome {
  const broken = values.findIndex((value) => value instanceof BrokenValue);
  const value = values[broken];
  if (value instanceof BrokenValue) {
    const column = columns[broken]?.name ?? '';
    return refuseRow(name, number, `has a value in column ${quote(column)} that ${value.rule}.`, { data: { column } });
  }
  const [text] = values;
  if (typeof text !== 'string') {
    return refuseRow(name, number, `has no text: column ${quote(columns[0]?.name ?? '')} is null.`);
  }
  if (isLongerThan(text, maxRowBytes)) return refuseLongRow(name, number, Buffer.byteLength(text), maxRowBytes);
  return { number, text, values: places.map((place) => values[place]) };
}

function chooseColumns(
  name: string,
  columns: readonly ParquetColumn[],
  options: RowSourceOptions,
): { text: ParquetColumn; kept: readonly ParquetColumn[] } {
  checkColumnNames(
    name,
    columns.map((column) => column.name),
    'Write the file again with names that differ.',
  );
  const available = columns.map(({ name: column, kind }) => ({ name: column, kind, text: kind === 'strings' }));
  const text = columns[chooseTextColumn(name, available, options.column)];
  const kept = chooseKeptColumns(name, available, options.keep).flatMap((index) => columns[index] ?? []);
  const lost = kept.find(({ type }) => type === undefined);
  if (text === undefined || lost !== undefined) {
    const column = quote(lost?.name ?? '');
    throw new IsovecError(
      'INPUT_INVALID',
      `Column ${column} of ${name} holds ${lost?.kind ?? 'nothing'} and cannot be kept. Name the columns to keep with --keep.`,
      { data: { file: name } },
    );
  }
  return { text, kept };
}

function asColumn({ name, type = 'json', utc }: ParquetColumn): Column {
  return { name, type, ...(utc !== undefined && { utc }) };
}
