import { quote } from '../../../formats/quote.js';
import type { Column, ColumnValue } from '../../column.js';
import { surrogateRule } from '../refuse-row.js';
import { hasLargeInteger, type JsonMember } from './json-members.js';
import { jsonKind, type JsonRow } from './parse-json-row.js';

/** What the values of a column are so far; 'null' as long as there is none. */
export type JsonType = 'null' | 'boolean' | 'int64' | 'float64' | 'string' | 'json';

/** What some rows tell of one column. */
export interface InferredColumn {
  readonly name: string;
  readonly type: JsonType;
  /** Whether one value or more is a string. */
  readonly strings: boolean;
}

/** Infers columns from rows: integers and other numbers become float64, other mixtures json. */
export class ColumnInference {
  readonly #columns = new Map<string, InferredColumn>();

  /** In the order of first appearance. */
  get columns(): readonly InferredColumn[] {
    return [...this.#columns.values()];
  }

  get(name: string): InferredColumn | undefined {
    return this.#columns.get(name);
  }

  add(row: JsonRow): void {
    for (const member of row.members) {
      const { name } = member;
      const type = typeOf(row.object[name], row.source, member);
      const before = this.#columns.get(name);
      this.#columns.set(name, {
        name,
        type: before === undefined ? type : join(before.type, type),
        strings: type === 'string' || before?.strings === true,
      });
    }
  }
}

/** A value that a column cannot hold, as a rule for refusing its row. */
export class MisfitValue {
  readonly rule: string;

  constructor(rule: string) {
    this.rule = rule;
  }
}

/** The value of a member as its column holds it, exactly; a {@link MisfitValue} if the column cannot. */
export function columnValue(column: Column, row: JsonRow, member: JsonMember): ColumnValue {
  const value = row.object[member.name];
  if (value === null) return null;
  const type = typeOf(value, row.source, member);
  const exact = !hasLargeInteger(row.source, member.begin, member.end);
  const number = type === 'int64' || type === 'float64';
  if (column.type === 'json') return exact ? value : tooLarge(column);
  if (column.type === 'int64' && type === 'int64') {
    return exact && typeof value === 'number' ? BigInt(value) : tooLarge(column);
  }
  if (column.type === 'float64' && number) return exact ? (finite(value, column) ?? value) : tooLarge(column);
  if (column.type === 'string' && typeof value === 'string') return misfitText(value, column) ?? value;
  if (column.type === 'boolean' && typeof value === 'boolean') return value;
  return new MisfitValue(
    `holds ${jsonKind(value)}${type === 'float64' ? ' that is no integer' : ''} in column ${quote(column.name)}, which is ${column.type} by the first rows. Name the columns to keep with --keep, or write .jsonl.`,
  );
}

function finite(value: unknown, column: Column): MisfitValue | undefined {
  if (Number.isFinite(value)) return undefined;
  return new MisfitValue(`holds a number in column ${quote(column.name)} that is too large for float64.`);
}

function misfitText(value: string, column: Column): MisfitValue | undefined {
  const rule = surrogateRule(value, `column ${quote(column.name)}`);
  return rule === undefined ? undefined : new MisfitValue(rule);
}

function tooLarge(column: Column): MisfitValue {
  return new MisfitValue(
    `holds an integer in column ${quote(column.name)} that is beyond 2^53 and would be rounded. Write it as a string, leave the column out of --keep, or write .jsonl with every column.`,
  );
}

function typeOf(value: unknown, source: string, member: JsonMember): JsonType {
  if (value === null) return 'null';
  if (typeof value === 'boolean') return 'boolean';
  if (typeof value === 'string') return 'string';
  if (typeof value !== 'number') return 'json';
  // The source tells 1.0 from 1; an int64 has no -0.
  const integer = !Object.is(value, -0) && /^\s*-?\d+\s*$/.test(source.slice(member.begin, member.end));
  return integer ? 'int64' : 'float64';
}

function join(a: JsonType, b: JsonType): JsonType {
  if (a === b || b === 'null') return a;
  if (a === 'null') return b;
  const numbers = (a === 'int64' || a === 'float64') && (b === 'int64' || b === 'float64');
  return numbers ? 'float64' : 'json';
}
