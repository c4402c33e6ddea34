import { quote } from '../../../formats/quote.js';
import type { Column, ColumnValue } from '../../column.js';
import type { Line } from '../line-splitter.js';
import { decodeLine } from '../read-lines.js';
import { refuseRow, surrogateRule } from '../refuse-row.js';
import type { RefusedRow, RowOutcome } from '../row-source.js';
import { columnValue, MisfitValue } from './json-columns.js';
import { jsonKind, parseJsonRow, type JsonRow } from './parse-json-row.js';

/** How lines become rows. */
export interface JsonRowOptions {
  readonly name: string;
  readonly maxRowBytes: number;
  readonly column: string;
  readonly columns: readonly Column[];
  /** Every member is kept: rows carry their source, and are refused for a new member if columns are typed. */
  readonly all: boolean;
  readonly typed: boolean;
}

/** Lines to rows. A blank line is a broken row unless the file ends with it, so it waits for the next line. */
export class JsonRowReader {
  readonly #options: JsonRowOptions;
  readonly #indices: ReadonlyMap<string, number>;
  #blank: RefusedRow | undefined;

  constructor(options: JsonRowOptions) {
    this.#options = options;
    this.#indices = new Map(options.columns.map(({ name }, index) => [name, index]));
  }

  /** The next lines as rows. */
  read(lines: readonly Line[]): RowOutcome[] {
    const { name, maxRowBytes } = this.#options;
    const outcomes: RowOutcome[] = [];
    for (const line of lines) {
      if (this.#blank !== undefined) outcomes.push(this.#blank);
      this.#blank = undefined;
      const text = decodeLine(line, name, maxRowBytes);
      const row = typeof text === 'string' ? parseJsonRow(text, line.number, name) : text;
      if (typeof text === 'string' && 'refused' in row && text.trim() === '') this.#blank = row;
      else outcomes.push('refused' in row ? row : this.#row(row));
    }
    return outcomes;
  }

  #row(row: JsonRow): RowOutcome {
    const { name, all, typed } = this.#options;
    const text = this.#text(row);
    if (typeof text !== 'string') return text;
    const values = this.#values(row);
    if (values instanceof MisfitValue) return refuseRow(name, row.number, values.rule);
    return { number: row.number, text, values, ...(all && !typed && { json: row.source.trim() }) };
  }

  #text(row: JsonRow): string | RefusedRow {
    const { name, column } = this.#options;
    const refuse = (rule: string): RefusedRow => refuseRow(name, row.number, rule, { data: { column } });
    const count = row.members.filter((member) => member.name === column).length;
    if (count === 0) return refuse(`has no member ${quote(column)}, which holds the texts.`);
    if (count > 1) return refuse(`has ${count} members ${quote(column)}: which one is the text cannot be told.`);
    const text = row.object[column];
    if (typeof text !== 'string') return refuse(`holds ${jsonKind(text)} in ${quote(column)}, not a string.`);
    const rule = surrogateRule(text, quote(column));
    return rule === undefined ? text : refuse(rule);
  }

  #values(row: JsonRow): readonly ColumnValue[] | MisfitValue {
    const { columns, all, typed } = this.#options;
    if (columns.length === 0 && !(all && typed)) return [];
    // The source goes with the row, so that its values need not be exact.
    const asParsed = all && !typed;
    const values: ColumnValue[] = columns.map(() => null);
    const seen = new Set<number>();
    for (const member of row.members) {
      const index = this.#indices.get(member.name);
      const column = index === undefined ? undefined : columns[index];
      if (index === undefined || column === undefined) {
        if (!all || !typed) continue;
        return new MisfitValue(
          `has a member ${quote(member.name)} that the first rows do not have. Name the columns to keep with --keep, or write .jsonl.`,
        );
      }
      if (asParsed) values[index] = row.object[member.name];
      else {
        if (seen.has(index))
          return new MisfitValue(`has two members ${quote(member.name)}: which one counts cannot be told.`);
        seen.add(index);
        const value = columnValue(column, row, member);
        if (value instanceof MisfitValue) return value;
        values[index] = value;
      }
    }
    return values;
  }
}
