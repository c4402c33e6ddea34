import { IsovecError } from '../../../shared/isovec-error.js';
import type { Column } from '../../column.js';
import type { ByteStream } from '../byte-stream.js';
import { checkColumnNames, chooseKeptColumns, chooseTextColumn } from '../choose-columns.js';
import { OpenedRows } from '../opened-rows.js';
import { refuseLongRow, refuseRow } from '../refuse-row.js';
import type { RefusedRow, RowOutcome, RowSource, RowSourceOptions } from '../row-source.js';
import { readCsvRecords, type CsvRecord } from './read-csv-records.js';

const DELIMITERS = { csv: ',', tsv: '\t' } as const;

/**
 * A record a row; every column is of strings. The first record names the columns unless `header` is false. Records
 * of another length than the first are refused; a blank line at the end is none.
 */
export async function openCsvRows(
  stream: ByteStream,
  format: 'csv' | 'tsv',
  options: RowSourceOptions,
): Promise<RowSource> {
  const { name } = stream;
  const { maxRowBytes, header = true } = options;
  const headerRecords = header ? 1 : 0;
  const runs = readCsvRecords(stream, { delimiter: DELIMITERS[format], maxRowBytes, headerRecords });
  const next = await runs.next();
  const first = next.done === true ? [] : [...next.value];
  const names = columnNames(name, first[0], header);
  if (header) first.shift();
  const available = names.map((column) => ({ name: column, kind: 'strings', text: true }));
  // Without a header an empty file is one of no rows.
  const text = names.length === 0 ? 0 : chooseTextColumn(name, available, options.column);
  const kept = names.length === 0 ? [] : chooseKeptColumns(name, available, options.keep);
  const facts = {
    name,
    format,
    column: names[text] ?? options.column ?? 'column1',
    columns: kept.map((index): Column => ({ name: names[index] ?? '', type: 'string' })),
    signal: options.signal,
  };
  const reader = new CsvRowReader({ name, maxRowBytes, count: names.length, text, kept });
  return new OpenedRows(facts, stream, async function* () {
    yield reader.read(first.splice(0));
    for await (const records of runs) yield reader.read(records);
  });
}

function columnNames(name: string, first: CsvRecord | undefined, header: boolean): readonly string[] {
  if (!header) return first?.fields.map((_, index) => `column${index + 1}`) ?? [];
  if (first === undefined) {
    throw new IsovecError('INPUT_INVALID', `${name} is empty: its first record must name the columns.`, {
      data: { file: name },
    });
  }
  if (first.fields.some((field) => /\r(?!\n)/.test(field))) {
    throw new IsovecError(
      'INPUT_INVALID',
      `The header of ${name} holds a bare carriage return. Convert the line ends of the file, for example with tr '\\r' '\\n'.`,
      { data: { file: name } },
    );
  }
  checkColumnNames(name, first.fields, 'Rename it in the header, or, if the first record is a row, say --no-header.');
  return first.fields;
}

interface CsvRowOptions {
  readonly name: string;
  readonly maxRowBytes: number;
  /** Fields of a record. */
  readonly count: number;
  readonly text: number;
  readonly kept: readonly number[];
}

/** Records to rows. A blank line may be the end of the file, so it waits for the next record. */
class CsvRowReader {
  readonly #options: CsvRowOptions;
  #rows = 0;
  #blank: RefusedRow | undefined;

  constructor(options: CsvRowOptions) {
    this.#options = options;
  }

  read(records: readonly CsvRecord[]): RowOutcome[] {
    const outcomes: RowOutcome[] = [];
    for (const record of records) {
      if (this.#blank !== undefined) outcomes.push(this.#blank);
      this.#blank = undefined;
      const outcome = this.#row(record, ++this.#rows);
      const blank = record.fields.length === 1 && record.fields[0] === '';
      if (blank && 'refused' in outcome) this.#blank = outcome;
      else outcomes.push(outcome);
    }
    return outcomes;
  }

  #row({ fields, byteLength }: CsvRecord, number: number): RowOutcome {
    const { name, maxRowBytes, count, text, kept } = this.#options;
    if (byteLength > maxRowBytes) return refuseLongRow(name, number, byteLength, maxRowBytes);
    if (fields.length !== count) {
      return refuseRow(
        name,
        number,
        `has ${fields.length} ${fields.length === 1 ? 'field' : 'fields'}; the first record has ${count}. Put fields with a delimiter or a line end in quotes.`,
        { data: { fields: fields.length, expected: count } },
      );
    }
    return { number, text: fields[text] ?? '', values: kept.map((index) => fields[index] ?? '') };
  }
}
