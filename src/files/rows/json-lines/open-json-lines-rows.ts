import type { Column } from '../../column.js';
import type { ByteStream } from '../byte-stream.js';
import { chooseKeptColumns, chooseTextColumn } from '../choose-columns.js';
import type { Line } from '../line-splitter.js';
import { OpenedRows } from '../opened-rows.js';
import { decodeLine, readLines } from '../read-lines.js';
import type { RowSource, RowSourceOptions } from '../row-source.js';
import { ColumnInference, type InferredColumn, type JsonType } from './json-columns.js';
import { JsonRowReader } from './json-row-reader.js';
import { parseJsonRow } from './parse-json-row.js';

/** First rows that tell what the columns are: as many, or as many bytes, whichever ends first. */
const PEEK_ROWS = 1000;
const PEEK_BYTES = 4 * 1024 * 1024;

/**
 * An object a line. What the columns are is told by the first rows, which are counted in rows and bytes, never in
 * chunks: the same file gives the same columns. A pipe is read that far only where it must be: for typed columns, and
 * while the column of the texts is not clear.
 */
export async function openJsonLinesRows(stream: ByteStream, options: RowSourceOptions): Promise<RowSource> {
  const { name } = stream;
  const { maxRowBytes, keep, typed = false } = options;
  const runs = readLines(stream, maxRowBytes);
  const inference = new ColumnInference();
  const first = await peek(runs, inference, name, options);
  const { column, columns } = chooseColumns(name, inference.columns, options);
  const reader = new JsonRowReader({ name, maxRowBytes, column, columns, all: keep === 'all', typed });
  const facts = { name, format: 'jsonl', column, columns, signal: options.signal } as const;
  return new OpenedRows(facts, stream, async function* () {
    yield reader.read(first.splice(0));
    for await (const lines of runs) yield reader.read(lines);
  });
}

/** Reads on until the columns are clear. Returns the lines that were read, which may be more than were looked at. */
async function peek(
  runs: AsyncGenerator<readonly Line[]>,
  inference: ColumnInference,
  name: string,
  options: RowSourceOptions,
): Promise<Line[]> {
  const lines: Line[] = [];
  let bytes = 0;
  for (let clear = false; !clear;) {
    const next = await runs.next();
    if (next.done === true) break;
    for (const line of next.value) {
      lines.push(line);
      if (clear) continue;
      const text = decodeLine(line, name, options.maxRowBytes);
      const row = typeof text === 'string' ? parseJsonRow(text, line.number, name) : text;
      if (!('refused' in row)) inference.add(row);
      bytes += line.byteLength;
      clear = line.number >= PEEK_ROWS || bytes >= PEEK_BYTES || isClear(inference, options);
    }
  }
  return lines;
}

/** Whether no later row could change what was found; types are known at the end only. */
function isClear(inference: ColumnInference, options: RowSourceOptions): boolean {
  if (options.typed === true) return false;
  if (inference.get(options.column ?? 'text')?.strings !== true) return false;
  return options.keep === 'all' || options.keep.every((name) => inference.get(name) !== undefined);
}

function chooseColumns(
  name: string,
  inferred: readonly InferredColumn[],
  options: RowSourceOptions,
): { column: string; columns: readonly Column[] } {
  const { keep, typed = false, column: wanted } = options;
  if (inferred.length === 0) {
    // No row, or none that is right: each says for itself what is wrong with it.
    const names = keep === 'all' ? [] : keep;
    return { column: wanted ?? 'text', columns: names.map((kept) => ({ name: kept, type: 'json' })) };
  }
  const available = inferred.map(({ name: column, type, strings }) => ({
    name: column,
    kind: KINDS[type],
    text: strings || type === 'null',
    textOnly: type === 'string',
  }));
  const column = inferred[chooseTextColumn(name, available, wanted)]?.name ?? '';
  const columns = chooseKeptColumns(name, available, keep).flatMap((index): Column[] => {
    const kept = inferred[index];
    if (kept === undefined) return [];
    // A column of nothing but null may hold anything later on.
    return [{ name: kept.name, type: typed && kept.type !== 'null' ? kept.type : 'json' }];
  });
  return { column, columns };
}

const KINDS: Readonly<Record<JsonType, string>> = {
  null: 'only null',
  boolean: 'booleans',
  int64: 'integers',
  float64: 'numbers',
  string: 'strings',
  json: 'arrays, objects or values of several kinds',
};
