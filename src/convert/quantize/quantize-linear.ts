import { type Activations, channelMeans, type GramOf, quantizedActivations } from './activations.js';
import type { FloatMatrix } from './float-matrix.js';
import type { QuantizedInput, QuantizedMatrix } from './quantized-encoder.js';
import type { RoundedRows } from './round-rows.js';
import { factorInputs, type InputFactor, roundWithCompensation } from './round-with-compensation.js';

/** A weight in int8, and what its rounding and that of its inputs take from the outputs on average. */
export interface CorrectedMatrix {
  readonly weight: QuantizedMatrix;
  /** float64 [outputs]: to be added to the bias. */
  readonly correction: Float64Array;
}

/** What rounding must know of the inputs that linear layers share. */
export interface LinearInputs {
  readonly multiplier: Float32Array | undefined;
  readonly factor: InputFactor;
  /** Mean of each input, and of what the kernels see of it. */
  readonly means: Float64Array;
  readonly seenMeans: Float64Array;
}

/**
 * Measures the inputs of linear layers.
 *
 * @param activations The inputs as the layers get them: shifted and smoothed.
 * @param input How they are quantised, and the multiplier that they were smoothed with.
 */
export async function measureInputs(
  activations: Activations,
  { scale, multiplier }: QuantizedInput,
  gramOf: GramOf,
): Promise<LinearInputs> {
  const seen = quantizedActivations(activations, scale);
  return {
    multiplier,
    factor: factorInputs(await gramOf(seen), seen.width),
    means: channelMeans(activations),
    seenMeans: channelMeans(seen),
  };
}

/** Quantises the weight of a linear layer for its inputs; `largest` is the largest magnitude of a weight. */
export function quantizeLinear(matrix: FloatMatrix, inputs: LinearInputs, largest: number): CorrectedMatrix {
  const weight = unsmoothed(matrix, inputs.multiplier);
  const rounded = roundWithCompensation(weight, inputs.factor, largest);
  return {
    weight: asQuantizedMatrix(matrix, rounded),
    correction: meanError(weight, rounded, inputs.means, inputs.seenMeans),
  };
}

/** The weight for inputs that were multiplied: divided by the same multipliers. */
function unsmoothed({ values, inputs }: FloatMatrix, multiplier: Float32Array | undefined): Float64Array {
  const weight = Float64Array.from(values);
  if (multiplier === undefined) return weight;
  for (let i = 0; i < weight.length; i++) weight[i] = (weight[i] ?? 0) / (multiplier[i % inputs] ?? 1);
  return weight;
}

function meanError(
  weight: Float64Array,
  { values, scales }: RoundedRows,
  means: Float64Array,
  seenMeans: Float64Array,
): Float64Array {
  const inputs = means.length;
  const error = new Float64Array(scales.length);
  for (let output = 0; output < error.length; output++) {
    const scale = scales[output] ?? 0;
    let sum = 0;
    for (let input = 0; input < inputs; input++) {
      const at = output * inputs + input;
      sum += (weight[at] ?? 0) * (means[input] ?? 0) - (values[at] ?? 0) * scale * (seenMeans[input] ?? 0);
    }
    error[output] = sum;
  }
  return error;
}

/** [outputs, inputs] as kernels take it, [inputs, outputs]. */
function asQuantizedMatrix({ name, outputs, inputs }: FloatMatrix, { values, scales }: RoundedRows): QuantizedMatrix {
  const transposed = new Int8Array(values.length);
  for (let output = 0; output < outputs; output++) {
    for (let input = 0; input < inputs; input++) {
      transposed[input * outputs + output] = values[output * inputs + input] ?? 0;
    }
  }
  return { name, rows: inputs, columns: outputs, values: transposed, scales };
}
