import { type Activations, channelMeans, type GramOf, quantizedActivations } from './activations.js';
import type { FloatMatrix } from './float-matrix.js';
import { kernelMatrix } from './kernel-matrix.js';
import type { QuantizedInput, QuantizedMatrix } from './quantized-encoder.js';
import { widenedInputs } from './repeat-inputs.js';
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
  /** Inputs that are given once more, each as often as it is listed. */
  readonly repeated: Uint32Array | undefined;
  /** Of the widened inputs, as the means are. */
  readonly factor: InputFactor;
  /** Mean of each input, and of what the kernels see of it. */
  readonly means: Float64Array;
  readonly seenMeans: Float64Array;
}

/**
 * Measures the inputs of linear layers.
 *
 * @param activations The inputs as the layers get them: shifted, smoothed and widened.
 * @param input How they are quantised, and the multiplier that they were smoothed with.
 */
export async function measureInputs(
  activations: Activations,
  { scale, multiplier, repeated }: QuantizedInput,
  gramOf: GramOf,
): Promise<LinearInputs> {
  const seen = quantizedActivations(activations, scale);
  return {
    multiplier,
    repeated,
    factor: factorInputs(await gramOf(seen), seen.width),
    means: channelMeans(activations),
    seenMeans: channelMeans(seen),
  };
}

/** Quantises the weight of a linear layer for its inputs; `largest` is the largest magnitude of a weight. */
export function quantizeLinear(matrix: FloatMatrix, inputs: LinearInputs, largest: number): CorrectedMatrix {
  const weight = sharedWeight(matrix, inputs);
  const rounded = roundWithCompensation(weight, inputs.factor, largest);
  return {
    weight: kernelMatrix(matrix.name, rounded),
    correction: meanError(weight, rounded, inputs.means, inputs.seenMeans),
  };
}

/** The weight for inputs that were multiplied and widened: divided by their multipliers, and shared among copies. */
function sharedWeight(
  { values, inputs, outputs }: FloatMatrix,
  { multiplier, repeated }: Pick<LinearInputs, 'multiplier' | 'repeated'>,
): Float64Array {
  const places = widenedInputs(inputs, repeated);
  const divisors = new Float64Array(inputs);
  for (const input of places) divisors[input] = (divisors[input] ?? 0) + (multiplier?.[input] ?? 1);
  const weight = new Float64Array(outputs * places.length);
  for (let output = 0; output < outputs; output++) {
    places.forEach((input, place) => {
      weight[output * places.length + place] = (values[output * inputs + input] ?? 0) / (divisors[input] ?? 1);
    });
  }
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
