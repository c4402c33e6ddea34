import { quote } from '../../formats/quote.js';
import { IsovecError } from '../../shared/isovec-error.js';
import type { Column } from '../column.js';

/**
 * INPUT_INVALID for a value that cannot be written, naming row and column but never the value. `rule` goes on after
 * "Row 3, column "name": ".
 */
export function columnValueError(column: Column, row: number, rule: string): IsovecError {
  return new IsovecError(
    'INPUT_INVALID',
    `Row ${row}, column ${quote(column.name)}: ${rule}. Mend the row, or leave the column out with --keep.`,
    { data: { row, column: column.name } },
  );
}

/** {@link columnValueError} for a value of another kind than its column. */
export function wrongKindError(column: Column, row: number, value: unknown): IsovecError {
  const kind = Array.isArray(value) ? 'array' : typeof value;
  return columnValueError(column, row, `the ${kind} does not fit the column's type ${column.type}`);
}
