import type { NormParameters } from '../encoder-parameters.js';
import { type Activations, channelPeaks, selectChannels, shifted } from './activations.js';
import { type FloatMatrix, inputPeaks, multiply } from './float-matrix.js';
import { repeatInputs, widenedInputs } from './repeat-inputs.js';
import { residualShift } from './residual-shift.js';
import { smoothingMultipliers } from './smoothing.js';
import { splitChannels } from './split-channels.js';

/** A published layer: float32, the key without a bias and the value's bias folded into that of the output. */
export interface FloatLayer {
  readonly query: FloatMatrix;
  readonly key: FloatMatrix;
  readonly value: FloatMatrix;
  readonly attentionOutput: FloatMatrix;
  readonly intermediate: FloatMatrix;
  readonly output: FloatMatrix;
  readonly biases: Readonly<Record<BiasedLinear, Float32Array>>;
  readonly attentionNorm: NormParameters;
  readonly outputNorm: NormParameters;
}

type BiasedLinear = 'query' | 'attentionOutput' | 'intermediate' | 'output';

/** What goes into the linear layers of a float32 layer over the calibration texts. */
export interface LayerActivations {
  /** Of query, key and value: the residual stream. */
  readonly hidden: Activations;
  /** Of the attention output. */
  readonly context: Activations;
  /** Of the first feed-forward layer: the residual stream after attention. */
  readonly attended: Activations;
  /** Of the second feed-forward layer. */
  readonly activated: Activations;
}

/** The input of linear layers after the rewrite. */
export interface SmoothedInput {
  /** What it was multiplied by, and the weights are to be divided by. */
  readonly multiplier: Float32Array;
  /** Inputs that are given once more, each as often as it is listed. */
  readonly repeated: Uint32Array | undefined;
  /** With the further copies. */
  readonly activations: Activations;
}

/** A layer that computes the same in real arithmetic, on numbers that are easier to quantise. */
export interface RewrittenLayer {
  /** What is to be subtracted from the residual stream before the layer; its output is not shifted. */
  readonly inputShift: Float32Array;
  readonly attentionInput: SmoothedInput;
  readonly context: Activations;
  readonly attentionNorm: NormParameters;
  readonly feedForwardInput: SmoothedInput;
  /** Channels of the feed-forward block, in parts whose results are added. */
  readonly parts: readonly { readonly channels: Uint32Array; readonly activated: Activations }[];
  /** float64; of the original channels. */
  readonly biases: Readonly<Record<BiasedLinear, Float64Array>>;
}

/**
 * Rewrites a layer for quantisation. The residual stream is shifted after each normalisation, and the biases make up for
 * it; the inputs of query, key, value and of the first feed-forward layer are smoothed, and the latter's with the largest
 * weights given several times; feed-forward channels are split.
 */
export function rewriteLayer(
  layer: FloatLayer,
  { hidden, context, attended, activated }: LayerActivations,
): RewrittenLayer {
  const inputShift = residualShift(hidden);
  const attentionShift = residualShift(attended);
  // The value's part of the shift passes through attention unchanged, as the weights of a token's mates sum to one.
  const valueShift = multiply(layer.value, inputShift);
  const { biases } = layer;
  return {
    inputShift,
    attentionInput: smoothInput(hidden, inputShift),
    context: shifted(context, valueShift, undefined),
    attentionNorm: shiftNorm(layer.attentionNorm, attentionShift),
    feedForwardInput: repeatedInput(smoothInput(attended, attentionShift), layer.intermediate),
    parts: splitChannels(channelPeaks(activated)).map((channels) => ({
      channels,
      activated: selectChannels(activated, channels),
    })),
    biases: {
      query: sumOf(biases.query, multiply(layer.query, inputShift)),
      // With the shifted residual stream added, the sum is to be the unshifted one.
      attentionOutput: sumOf(biases.attentionOutput, multiply(layer.attentionOutput, valueShift), inputShift),
      intermediate: sumOf(biases.intermediate, multiply(layer.intermediate, attentionShift)),
      output: sumOf(biases.output, attentionShift),
    },
  };
}

/** A normalisation whose result is shifted. */
export function shiftNorm({ scale, offset }: NormParameters, shift: Float32Array): NormParameters {
  return { scale, offset: offset.map((value, channel) => value - (shift[channel] ?? 0)) };
}

/** The sum of vectors of one length in float64. */
export function sumOf(first: ArrayLike<number>, ...others: readonly ArrayLike<number>[]): Float64Array {
  return Float64Array.from(first, (value, i) => others.reduce((sum, other) => sum + (other[i] ?? 0), value));
}

function smoothInput(raw: Activations, shift: Float32Array): SmoothedInput {
  const multiplier = smoothingMultipliers(channelPeaks(shifted(raw, shift, undefined)));
  return { multiplier, repeated: undefined, activations: shifted(raw, shift, multiplier) };
}

/** Gives the inputs with the largest weights of a matrix once more. */
function repeatedInput({ multiplier, activations }: SmoothedInput, matrix: FloatMatrix): SmoothedInput {
  const repeated = repeatInputs(inputPeaks(matrix).map((peak, input) => peak / (multiplier[input] ?? 1)));
  const places = widenedInputs(activations.width, repeated);
  return { multiplier, repeated, activations: repeated ? selectChannels(activations, places) : activations };
}
