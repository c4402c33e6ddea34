import { euclideanNorm, SMALLEST_NORM } from '../../../vector/normalize.js';
import type { FusionLayer } from './fusion-weights.js';

/** Added to the variance, as PyTorch's LayerNorm does by default. */
const EPSILON = 1e-5;

/**
 * One fused vector [size] of a semantic vector, which is brought to length 1 first, and a profile [16]: put one after the other,
 * linear step, layer normalisation with the biased variance. In float64, rounded to float32 once.
 */
export function fuseRow(semantic: Float32Array, profile: Float32Array, layer: FusionLayer): Float32Array {
  const { size, normWeight, normBias } = layer;
  const input = new Float64Array(size);
  const length = Math.max(euclideanNorm(semantic), SMALLEST_NORM);
  for (const [i, value] of semantic.entries()) input[i] = value / length;
  input.set(profile, semantic.length);

  const linear = linearStep(input, layer);
  const mean = sumOf(linear, (value) => value) / size;
  const variance = sumOf(linear, (value) => (value - mean) ** 2) / size;
  const deviation = Math.sqrt(variance + EPSILON);
  return Float32Array.from(
    linear,
    (value, i) => ((value - mean) / deviation) * (normWeight[i] ?? 1) + (normBias[i] ?? 0),
  );
}

function linearStep(input: Float64Array, { size, matrix: { kind, values }, bias }: FusionLayer): Float64Array {
  if (kind === 'diagonal') return input.map((value, i) => value * (values[i] ?? 0) + (bias[i] ?? 0));
  return Float64Array.from({ length: size }, (_, row) => {
    let sum = 0;
    const begin = row * size;
    for (let i = 0; i < size; i++) sum += (input[i] ?? 0) * (values[begin + i] ?? 0);
    return sum + (bias[row] ?? 0);
  });
}

function sumOf(values: Float64Array, of: (value: number) => number): number {
  let sum = 0;
  for (const value of values) sum += of(value);
  return sum;
}
