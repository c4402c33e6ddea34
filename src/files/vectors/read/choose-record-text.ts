import { quote } from '../../../formats/quote.js';
import { IsovecError } from '../../../shared/isovec-error.js';
import { listNames } from '../../rows/choose-columns.js';

/**
 * The column that holds the texts: the one that was asked for, the one that was embedded, "text", or the only one of
 * strings; undefined where none of them is there. INPUT_INVALID, listing the columns, if one was asked for in vain.
 */
export function chooseRecordText(
  file: string,
  columns: readonly string[],
  asked: string | undefined,
  embedded: string | undefined,
): string | undefined {
  if (asked !== undefined) {
    if (columns.includes(asked)) return asked;
    const known =
      columns.length === 0
        ? 'it has none'
        : `its columns of strings are ${listNames(columns.map((name) => ({ name })))}`;
    throw new IsovecError(
      'INPUT_INVALID',
      `${file} has no column ${quote(asked)} of strings; ${known}. Choose one with --column.`,
      { data: { file, column: asked } },
    );
  }
  if (embedded !== undefined && columns.includes(embedded)) return embedded;
  if (columns.includes('text')) return 'text';
  return columns.length === 1 ? columns[0] : undefined;
}
