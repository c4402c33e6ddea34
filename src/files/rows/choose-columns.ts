import { quote } from '../../formats/quote.js';
import { IsovecError } from '../../shared/isovec-error.js';

/** A column of a source, before it is known which ones are read. */
export interface AvailableColumn {
  readonly name: string;
  /** Its type, as messages name it. */
  readonly kind: string;
  /** Whether it may hold the texts. */
  readonly text: boolean;
  /** Whether it would be taken for the text if it is the only one such. */
  readonly textOnly?: boolean;
}

/** Most names that a message lists. */
const MAX_LISTED = 20;

/**
 * Index of the column that holds the text: the one asked for, else "text", else the only one of strings.
 * INPUT_INVALID, listing the columns, if there is none or its type is another.
 */
export function chooseTextColumn(
  source: string,
  available: readonly AvailableColumn[],
  wanted: string | undefined,
): number {
  const index = wanted === undefined ? defaultTextColumn(source, available) : indexOfColumn(source, available, wanted);
  const column = available[index];
  if (column?.text === true) return index;
  const strings = available.filter((other) => other.text);
  throw invalid(
    source,
    `Column ${quote(column?.name ?? '')} of ${source} holds ${column?.kind ?? 'nothing'}, not strings; ${
      strings.length === 0 ? 'it has no columns of strings' : `its columns of strings are ${listNames(strings)}`
    }. Name the column of the texts with --column.`,
  );
}

/** Indices of the columns to keep. INPUT_INVALID, listing the columns, for one that is not there. */
export function chooseKeptColumns(
  source: string,
  available: readonly AvailableColumn[],
  keep: 'all' | readonly string[],
): readonly number[] {
  if (keep === 'all') return available.map((_, index) => index);
  return [...new Set(keep)].map((name) => indexOfColumn(source, available, name));
}

/** INPUT_INVALID for a column without a name, and for two of one name. */
export function checkColumnNames(source: string, names: readonly string[], way: string): void {
  const seen = new Map<string, number>();
  for (const [index, name] of names.entries()) {
    const first = seen.get(name);
    if (name === '') throw invalid(source, `Column ${index + 1} of ${source} has no name. ${way}`);
    if (first !== undefined) {
      throw invalid(source, `Columns ${first + 1} and ${index + 1} of ${source} are both named ${quote(name)}. ${way}`);
    }
    seen.set(name, index);
  }
}

/** Names as messages list them: twenty at most, then a count. */
export function listNames(columns: readonly { readonly name: string }[]): string {
  const listed = columns.slice(0, MAX_LISTED).map(({ name }) => quote(name));
  const more = columns.length - listed.length;
  return listed.join(', ') + (more > 0 ? ` and ${more} more` : '');
}

function defaultTextColumn(source: string, available: readonly AvailableColumn[]): number {
  const named = available.findIndex(({ name }) => name === 'text');
  if (named >= 0) return named;
  const strings = available.filter(({ text, textOnly = text }) => text && textOnly);
  const [only] = strings;
  if (only !== undefined && strings.length === 1) return available.indexOf(only);
  throw invalid(
    source,
    `${source} has no column "text", and ${strings.length === 0 ? 'none' : 'more than one'} of strings; ${itsColumns(available)}. Name the column of the texts with --column.`,
  );
}

function indexOfColumn(source: string, available: readonly AvailableColumn[], wanted: string): number {
  const index = available.findIndex(({ name }) => name === wanted);
  if (index >= 0) return index;
  throw invalid(source, `${source} has no column ${quote(wanted)}; ${itsColumns(available)}. Check the spelling.`);
}

function itsColumns(available: readonly AvailableColumn[]): string {
  return available.length === 0 ? 'it has no columns' : `its columns are ${listNames(available)}`;
}

function invalid(source: string, message: string): IsovecError {
  return new IsovecError('INPUT_INVALID', message, { data: { file: source } });
}
