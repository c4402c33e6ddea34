import { factorCholesky } from '#src/convert/quantize/cholesky.js';
import { roundRows } from '#src/convert/quantize/round-rows.js';
import { factorInputs, roundWithCompensation } from '#src/convert/quantize/round-with-compensation.js';
import { describe, expect, it } from 'vitest';

import { correlatedInputs, normalNumbers, plainGram } from './random-matrix.js';

const DAMPING = 0.01;

/** Solves A x = b by elimination with row exchanges. */
function solve(matrix: readonly (readonly number[])[], right: readonly number[]): number[] {
  const rows = matrix.map((row, i) => [...row, right[i] ?? 0]);
  const size = rows.length;
  for (let column = 0; column < size; column++) {
    const [pivot] = rows
      .map((row, at) => ({ at, value: Math.abs(row[column] ?? 0) }))
      .filter(({ at }) => at >= column)
      .sort((left, right_) => right_.value - left.value);
    const chosen = rows[pivot?.at ?? 0] ?? [];
    rows[pivot?.at ?? 0] = rows[column] ?? [];
    rows[column] = chosen;
    for (let row = 0; row < size; row++) {
      const factor = row === column ? 0 : (rows[row]?.[column] ?? 0) / (chosen[column] ?? 1);
      if (factor !== 0) rows[row] = (rows[row] ?? []).map((value, i) => value - factor * (chosen[i] ?? 0));
    }
  }
  return rows.map((row, i) => (row[size] ?? 0) / (row[i] ?? 1));
}

/**
 * GPTQ from its definition, for one output: round the input with the most energy that is left, then move all later
 * weights to where the loss d^T H d is least, given the errors so far.
 */
function plainCompensation(
  weight: readonly number[],
  gram: readonly (readonly number[])[],
  scale: number,
  largest: number,
): number[] {
  const size = weight.length;
  const mean = gram.reduce((sum, row, i) => sum + (row[i] ?? 0), 0) / size;
  const damped = gram.map((row, i) => row.map((value, j) => (i === j ? value + DAMPING * mean : value)));
  const order = weight.map((_, i) => i).sort((left, right) => (gram[right]?.[right] ?? 0) - (gram[left]?.[left] ?? 0));
  const values = new Array<number>(size).fill(0);
  const errors = new Map<number, number>();
  for (const [place, input] of order.entries()) {
    const free = order.slice(place);
    // The gradient over the free weights is zero: H_ff d_f = -H_fr d_r.
    const right = free.map(
      (row) => -[...errors].reduce((sum, [at, error]) => sum + (damped[row]?.[at] ?? 0) * error, 0),
    );
    const best = solve(
      free.map((row) => free.map((column) => damped[row]?.[column] ?? 0)),
      right,
    );
    const target = (weight[input] ?? 0) - (best[0] ?? 0);
    values[input] = Math.max(-largest, Math.min(largest, Math.round(target / scale)));
    errors.set(input, (weight[input] ?? 0) - (values[input] ?? 0) * scale);
  }
  return values;
}

/** The loss of rounding: the sum over outputs of d^T H d. */
function loss(weight: Float64Array, values: Int8Array, scales: Float32Array, gram: Float64Array, size: number): number {
  let sum = 0;
  for (let output = 0; output < scales.length; output++) {
    const error = Float64Array.from({ length: size }, (_, i) => {
      return (weight[output * size + i] ?? 0) - (values[output * size + i] ?? 0) * (scales[output] ?? 0);
    });
    for (let i = 0; i < size; i++) {
      for (let j = 0; j < size; j++) sum += (error[i] ?? 0) * (gram[i * size + j] ?? 0) * (error[j] ?? 0);
    }
  }
  return sum;
}

describe('factorCholesky', () => {
  it.each([1, 2, 3, 4, 5, 8, 31, 64])('gives L with L L^T = A for %i rows', (size) => {
    const next = normalNumbers(size);
    const matrix = plainGram(correlatedInputs(size + 5, size, next), size);
    for (let i = 0; i < size; i++) matrix[i * size + i] = (matrix[i * size + i] ?? 0) + 0.1;
    const lower = matrix.slice();
    factorCholesky(lower, size);
    for (let i = 0; i < size; i++) {
      for (let j = 0; j <= i; j++) {
        let sum = 0;
        for (let k = 0; k <= j; k++) sum += (lower[i * size + k] ?? 0) * (lower[j * size + k] ?? 0);
        expect(sum).toBeCloseTo(matrix[i * size + j] ?? 0, 8);
      }
    }
  });

  it('refuses a matrix that is not positive definite', () => {
    expect(() => {
      factorCholesky(Float64Array.of(1, 2, 2, 1), 2);
    }).toThrow('positive definite');
  });
});

describe('roundWithCompensation', () => {
  it.each([
    [3, 1, 127],
    [12, 5, 127],
    [33, 4, 127],
    [40, 9, 63],
  ])('gives the integers of GPTQ from its definition: %i inputs, %i outputs, range %i', (size, outputs, largest) => {
    const next = normalNumbers(size * 1000 + outputs);
    const gram = plainGram(correlatedInputs(3 * size, size, next), size);
    const weight = Float64Array.from({ length: outputs * size }, next);
    const rows = Array.from({ length: size }, (_, i) => [...gram.subarray(i * size, (i + 1) * size)]);
    const { values, scales } = roundWithCompensation(weight, factorInputs(gram.slice(), size), largest);
    for (let output = 0; output < outputs; output++) {
      const row = [...weight.subarray(output * size, (output + 1) * size)];
      const plain = plainCompensation(row, rows, scales[output] ?? 0, largest);
      expect(values.slice(output * size, (output + 1) * size)).toEqual(Int8Array.from(plain));
    }
  });

  it('loses far less than rounding to nearest, and never leaves the range', () => {
    for (const [seed, largest] of [
      [1, 127],
      [2, 63],
      [3, 127],
    ] as const) {
      const size = 96;
      const next = normalNumbers(seed);
      const gram = plainGram(correlatedInputs(300, size, next), size);
      const weight = Float64Array.from({ length: 24 * size }, next);
      const compensated = roundWithCompensation(weight, factorInputs(gram.slice(), size), largest);
      const nearest = roundRows(Float32Array.from(weight), size, largest);
      const lost = loss(weight, compensated.values, compensated.scales, gram, size);
      expect(lost).toBeLessThan(0.7 * loss(weight, nearest.values, nearest.scales, gram, size));
      expect(compensated.values.every((value) => Math.abs(value) <= largest)).toBe(true);
    }
  });

  it('rounds to nearest when the inputs say nothing', () => {
    const next = normalNumbers(5);
    const weight = Float64Array.from({ length: 6 * 10 }, () => Math.fround(next()));
    const nothing = factorInputs(new Float64Array(100), 10);
    expect(roundWithCompensation(weight, nothing, 127)).toEqual(roundRows(Float32Array.from(weight), 10, 127));
  });

  it('leaves an output of zeros at zero', () => {
    const next = normalNumbers(6);
    const gram = plainGram(correlatedInputs(20, 8, next), 8);
    const weight = Float64Array.from({ length: 16 }, (_, i) => (i < 8 ? 0 : next()));
    const { values, scales } = roundWithCompensation(weight, factorInputs(gram, 8), 127);
    expect([...values.subarray(0, 8)]).toEqual([0, 0, 0, 0, 0, 0, 0, 0]);
    expect(scales[0]).toBe(0);
  });
});
