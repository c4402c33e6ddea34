import { z } from 'zod';
import { checkTexts } from '../../runtime/check-texts.js';
import { IsovecError, isIsovecError } from '../../shared/isovec-error.js';

/** One text with what Python gave for it. */
export interface ExportedRow {
  readonly text: string;
  readonly vector: ArrayLike<number>;
  /** Ids that Python fed for this text; undefined if the file does not say. */
  readonly inputIds: readonly number[] | undefined;
}

/** Vectors that a user exported from Python, checked. */
export interface ExportedVectors {
  /** Model that made the vectors, as the file says. */
  readonly model: string | undefined;
  /** Whether `normalize_embeddings` was asked for. */
  readonly normalize: boolean;
  /** The prompt that was put in front of each text; undefined leaves the model's default. */
  readonly prompt: string | undefined;
  /** Packages that made the vectors, by name. */
  readonly versions: Readonly<Record<string, string>>;
  /** At least one; all vectors have one length and finite values. */
  readonly rows: readonly ExportedRow[];
}

/** The error of a file that breaks a rule; `row` counts from 0 where there is one. */
export function exportError(file: string, rule: string, row?: number): IsovecError {
  const where = row === undefined ? '' : ` row ${row}:`;
  return new IsovecError('FORMAT_INVALID', `${file}:${where} ${rule}.`, {
    data: row === undefined ? { file } : { file, row },
  });
}

/**
 * Checks what a reader found, whose vectors and ids are numbers or not. FORMAT_INVALID names the file, the row and the
 * rule: no rows, an empty vector, vectors of different lengths, a value that is not a finite number, a text that no
 * encoding has, ids that are not whole numbers.
 */
export function checkExportedRows(
  file: string,
  rows: readonly { readonly text: unknown; readonly vector: unknown; readonly inputIds: unknown }[],
): ExportedRow[] {
  if (rows.length === 0) throw exportError(file, 'it holds no vectors; export at least one text');
  let dimensions: number | undefined;
  return rows.map(({ text, vector, inputIds }, row) => {
    if (!isNumbers(vector) || vector.length === 0) throw exportError(file, 'the vector must be a list of numbers', row);
    dimensions ??= vector.length;
    if (vector.length !== dimensions) {
      throw exportError(file, `the vector has ${vector.length} values, but that of row 0 has ${dimensions}`, row);
    }
    const odd = Array.prototype.findIndex.call(vector, (value: unknown) => !Number.isFinite(value));
    if (odd >= 0) throw exportError(file, `value ${odd} of the vector is not a finite number`, row);
    return { text: checkText(file, text, row), vector, inputIds: checkIds(file, inputIds, row) };
  });
}

function isNumbers(value: unknown): value is ArrayLike<number> {
  return Array.isArray(value) || value instanceof Float32Array || value instanceof Float64Array;
}

function checkText(file: string, text: unknown, row: number): string {
  try {
    return checkTexts([text])[0] ?? '';
  } catch (error) {
    if (!isIsovecError(error, 'INPUT_INVALID')) throw error;
    throw exportError(file, 'the text must be a string without half surrogate pairs', row);
  }
}

function checkIds(file: string, ids: unknown, row: number): readonly number[] | undefined {
  if (ids === undefined) return undefined;
  const result = z.array(z.int().nonnegative()).min(1).safeParse(ids);
  if (result.success) return result.data;
  throw exportError(file, 'input_ids must be a list of whole numbers >= 0, special tokens included', row);
}
