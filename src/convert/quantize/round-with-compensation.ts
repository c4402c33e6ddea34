import { factorCholesky } from './cholesky.js';
import type { RoundedRows } from './round-rows.js';

/** Share of the mean diagonal that is added to the diagonal of a Gram matrix: the usual value of GPTQ. */
const DAMPING = 0.01;
/** Rows of the factor that are used for every column before the next: they fit the second-level cache. */
const BLOCK = 32;
/** Columns of the weight that share a pass over a row of the factor. */
const GROUP = 4;

/** A Gram matrix X^T X of a layer's inputs, factored for {@link roundWithCompensation}. */
export interface InputFactor {
  /** Number of inputs. */
  readonly size: number;
  /** The input that each place stands for; rounding goes from the last place to the first. */
  readonly order: Uint32Array;
  /** [size, size], upper triangular: U^T U is the damped Gram matrix in that order. */
  readonly upper: Float64Array;
}

/**
 * Factors a Gram matrix [size, size] of inputs, which it overwrites. Inputs with the most energy come last, because
 * rounding goes from the last to the first (the "act-order" of GPTQ), and is damped so that it can be inverted.
 */
export function factorInputs(gram: Float64Array, size: number): InputFactor {
  const diagonal = Float64Array.from({ length: size }, (_, i) => gram[i * size + i] ?? 0);
  const mean = diagonal.reduce((sum, value) => sum + value, 0) / size;
  // Inputs that are all zero say nothing: every weight is then rounded on its own.
  const damping = mean > 0 ? mean * DAMPING : 1;
  const order = Uint32Array.from({ length: size }, (_, i) => i).sort(
    (left, right) => (diagonal[left] ?? 0) - (diagonal[right] ?? 0) || right - left,
  );
  const lower = new Float64Array(size * size);
  for (let row = 0; row < size; row++) {
    const from = (order[row] ?? 0) * size;
    for (let column = 0; column <= row; column++) {
      lower[row * size + column] = gram[from + (order[column] ?? 0)] ?? 0;
    }
    lower[row * size + row] = (lower[row * size + row] ?? 0) + damping;
  }
  factorCholesky(lower, size);
  // The other memory is free now; a row of the transpose is read from its beginning to its end.
  const upper = gram;
  for (let row = 0; row < size; row++) {
    for (let column = row; column < size; column++) upper[row * size + column] = lower[column * size + row] ?? 0;
  }
  return { size, order, upper };
}

/**
 * Rounds a weight so that the error of its product with the inputs is small, not the error of the weight: GPTQ
 * (Frantar et al., 2022) with a fixed scale for each output. When a row is rounded, the rows that are still to come make up
 * for its error as well as they can.
 *
 * `weight` is [outputs, inputs]. With the Gram matrix as U^T U and D the errors of the rows that were rounded, the best
 * value of row t is W_t + (sum over u > t of U_tu D_u) / U_tt: the rows before t can cancel everything else. This gives
 * the integers of the usual formulation by the inverse of the Gram matrix, which is not needed here.
 */
export function roundWithCompensation(
  weight: Float64Array,
  { size, order, upper }: InputFactor,
  largest: number,
): RoundedRows {
  const outputs = weight.length / size;
  const scales = peakScales(weight, size, largest);
  const values = new Int8Array(weight.length);
  // Errors in the order of the factor, a row for each output; zero rows fill the last group.
  const errors = new Float64Array(Math.ceil(outputs / GROUP) * GROUP * size);
  const sums = new Float64Array(GROUP);
  for (let end = size; end > 0; end -= BLOCK) {
    for (let group = 0; group < outputs; group += GROUP) {
      for (let place = end - 1; place >= Math.max(0, end - BLOCK); place--) {
        const input = order[place] ?? 0;
        const pivot = upper[place * size + place] ?? 1;
        sumErrors(upper, errors, size, place, group * size, sums);
        for (let i = 0; i < GROUP && group + i < outputs; i++) {
          const output = group + i;
          const scale = scales[output] ?? 0;
          if (scale === 0) continue;
          const target = (weight[output * size + input] ?? 0) + (sums[i] ?? 0) / pivot;
          const value = Math.max(-largest, Math.min(largest, Math.round(target / scale)));
          values[output * size + input] = value;
          errors[output * size + place] = (weight[output * size + input] ?? 0) - value * scale;
        }
      }
    }
  }
  return { values, scales };
}

/** For each row, the float32 scale with which its largest magnitude becomes `largest`; 0 for a row of zeros. */
function peakScales(matrix: Float64Array, columns: number, largest: number): Float32Array {
  const scales = new Float32Array(matrix.length / columns);
  for (let row = 0; row < scales.length; row++) {
    let peak = 0;
    for (let i = row * columns; i < (row + 1) * columns; i++) peak = Math.max(peak, Math.abs(matrix[i] ?? 0));
    scales[row] = peak / largest;
  }
  return scales;
}

/** The sums over the places after `place` of four outputs, whose errors begin at `first`. */
function sumErrors(
  upper: Float64Array,
  errors: Float64Array,
  size: number,
  place: number,
  first: number,
  sums: Float64Array,
): void {
  const row = place * size;
  const b = first + size;
  const c = b + size;
  const d = c + size;
  let sumA = 0;
  let sumB = 0;
  let sumC = 0;
  let sumD = 0;
  for (let u = place + 1; u < size; u++) {
    const factor = upper[row + u] ?? 0;
    sumA += factor * (errors[first + u] ?? 0);
    sumB += factor * (errors[b + u] ?? 0);
    sumC += factor * (errors[c + u] ?? 0);
    sumD += factor * (errors[d + u] ?? 0);
  }
  sums[0] = sumA;
  sums[1] = sumB;
  sums[2] = sumC;
  sums[3] = sumD;
}
