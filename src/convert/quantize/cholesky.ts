import { IsovecError } from '../../shared/isovec-error.js';

/** Rows that share each pass over the rows before them: they stay in registers and caches while those stream by. */
const ROWS = 4;

/**
 * Factors a symmetric positive definite matrix [size, size] in place: A = L L^T. Only the lower triangle is read; it
 * holds L afterwards, and what is above it is not to be used. INTERNAL if the matrix is not positive definite.
 */
export function factorCholesky(matrix: Float64Array, size: number): void {
  for (let begin = 0; begin < size; begin += ROWS) {
    const end = Math.min(begin + ROWS, size);
    if (end - begin === ROWS) reduceFourRows(matrix, size, begin);
    else for (let row = begin; row < end; row++) reduceRow(matrix, size, row, 0, begin);
    for (let row = begin; row < end; row++) {
      reduceRow(matrix, size, row, begin, row);
      const at = row * size;
      const pivot = (matrix[at + row] ?? 0) - dot(matrix, at, at, row);
      if (!(pivot > 0) || pivot === Infinity) {
        throw new IsovecError('INTERNAL', 'A matrix of calibration is not positive definite.');
      }
      matrix[at + row] = Math.sqrt(pivot);
    }
  }
}

/** Solves columns `from` to `to` of one row against the rows above. */
function reduceRow(matrix: Float64Array, size: number, row: number, from: number, to: number): void {
  const at = row * size;
  for (let column = from; column < to; column++) {
    const above = column * size;
    const rest = (matrix[at + column] ?? 0) - dot(matrix, at, above, column);
    matrix[at + column] = rest / (matrix[above + column] ?? 1);
  }
}

/** {@link reduceRow} for four rows at once, up to the first of them. */
function reduceFourRows(matrix: Float64Array, size: number, first: number): void {
  const a = first * size;
  const b = a + size;
  const c = b + size;
  const d = c + size;
  for (let column = 0; column < first; column++) {
    const above = column * size;
    let sumA = 0;
    let sumB = 0;
    let sumC = 0;
    let sumD = 0;
    for (let k = 0; k < column; k++) {
      const value = matrix[above + k] ?? 0;
      sumA += (matrix[a + k] ?? 0) * value;
      sumB += (matrix[b + k] ?? 0) * value;
      sumC += (matrix[c + k] ?? 0) * value;
      sumD += (matrix[d + k] ?? 0) * value;
    }
    const pivot = matrix[above + column] ?? 1;
    matrix[a + column] = ((matrix[a + column] ?? 0) - sumA) / pivot;
    matrix[b + column] = ((matrix[b + column] ?? 0) - sumB) / pivot;
    matrix[c + column] = ((matrix[c + column] ?? 0) - sumC) / pivot;
    matrix[d + column] = ((matrix[d + column] ?? 0) - sumD) / pivot;
  }
}

function dot(matrix: Float64Array, left: number, right: number, length: number): number {
  let sum = 0;
  for (let k = 0; k < length; k++) sum += (matrix[left + k] ?? 0) * (matrix[right + k] ?? 0);
  return sum;
}
