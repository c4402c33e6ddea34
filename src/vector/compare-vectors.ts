import { IsovecError } from '../shared/isovec-error.js';

/** How far one vector is from what it should be. */
export interface RowComparison {
  readonly row: number;
  /** False if either vector holds a NaN or an infinity; the figures are then the worst possible ones. */
  readonly finite: boolean;
  readonly maxAbsError: number;
  readonly meanAbsError: number;
  readonly cosine: number;
  /** 1 - cosine, accurate where that difference would cancel. */
  readonly cosineDistance: number;
}

/** How far a set of vectors is from what it should be. */
export interface VectorComparison {
  readonly rows: readonly RowComparison[];
  /** Rows with a NaN or an infinity on either side. */
  readonly nonFiniteRows: number;
  /** The row with the largest error, the first of equals; a row that is not finite is worse than any other. */
  readonly worstRow: number;
  readonly maxAbsError: number;
  /** Over all elements. */
  readonly meanAbsError: number;
  readonly minCosine: number;
  readonly maxCosineDistance: number;
}

/**
 * Compares vectors row by row, in float64. A row that is not finite gets infinite errors and cosine -1, so that no
 * threshold can pass it. INPUT_INVALID if the sets differ in size, if a pair differs in length, or if there is nothing
 * to compare.
 */
export function compareVectors(
  actual: readonly ArrayLike<number>[],
  expected: readonly ArrayLike<number>[],
): VectorComparison {
  if (actual.length !== expected.length) {
    throw new IsovecError('INPUT_INVALID', `${actual.length} vectors cannot be compared with ${expected.length}.`);
  }
  let elements = 0;
  let errorSum = 0;
  const rows = expected.map((wanted, row) => {
    const got = actual[row] ?? [];
    if (wanted.length === 0 || got.length !== wanted.length) {
      throw new IsovecError(
        'INPUT_INVALID',
        `Row ${row} has ${got.length} dimensions where ${wanted.length} are expected.`,
        { data: { row } },
      );
    }
    const comparison = compareRow(got, wanted, row);
    elements += wanted.length;
    errorSum += comparison.meanAbsError * wanted.length;
    return comparison;
  });
  const [first, ...others] = rows;
  if (first === undefined) throw new IsovecError('INPUT_INVALID', 'There are no vectors to compare.');
  const worst = others.reduce((worse, row) => (row.maxAbsError > worse.maxAbsError ? row : worse), first);
  return {
    rows,
    nonFiniteRows: rows.filter((row) => !row.finite).length,
    worstRow: worst.row,
    maxAbsError: worst.maxAbsError,
    meanAbsError: errorSum / elements,
    minCosine: rows.reduce((least, row) => Math.min(least, row.cosine), 1),
    maxCosineDistance: rows.reduce((most, row) => Math.max(most, row.cosineDistance), 0),
  };
}

function compareRow(actual: ArrayLike<number>, expected: ArrayLike<number>, row: number): RowComparison {
  let maxAbsError = 0;
  let errorSum = 0;
  for (let i = 0; i < expected.length; i++) {
    const got = actual[i] ?? Number.NaN;
    const wanted = expected[i] ?? Number.NaN;
    if (!Number.isFinite(got) || !Number.isFinite(wanted)) {
      return { row, finite: false, maxAbsError: Infinity, meanAbsError: Infinity, cosine: -1, cosineDistance: 2 };
    }
    const error = Math.abs(got - wanted);
    maxAbsError = Math.max(maxAbsError, error);
    errorSum += error;
  }
  const cosineDistance = distance(actual, expected);
  return {
    row,
    finite: true,
    maxAbsError,
    meanAbsError: errorSum / expected.length,
    cosine: 1 - cosineDistance,
    cosineDistance,
  };
}

/**
 * |a / |a| - b / |b||^2 / 2, which equals 1 - cosine without its cancellation. Two zero vectors are equal; a zero
 * vector against another one has no direction in common with it.
 */
function distance(a: ArrayLike<number>, b: ArrayLike<number>): number {
  const normA = norm(a);
  const normB = norm(b);
  if (normA === 0 || normB === 0) return normA === normB ? 0 : 1;
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += ((a[i] ?? 0) / normA - (b[i] ?? 0) / normB) ** 2;
  return sum / 2;
}

function norm(vector: ArrayLike<number>): number {
  let sum = 0;
  for (let i = 0; i < vector.length; i++) sum += (vector[i] ?? 0) ** 2;
  return Math.sqrt(sum);
}
