import { SYMMETRIC_STEPS, SYMMETRIC_ZERO_POINT } from './activation-steps.js';
import { type Activations, channelPeaks, type GramOf } from './activations.js';
import { multiply, selectInputs, selectOutputs } from './float-matrix.js';
import { measureInputs, quantizeLinear } from './quantize-linear.js';
import type {
  ActivationScale,
  QuantizedFeedForward,
  QuantizedInput,
  QuantizedLayer,
  QuantizedLinear,
} from './quantized-encoder.js';
import {
  type FloatLayer,
  type LayerActivations,
  rewriteLayer,
  type RewrittenLayer,
  type SmoothedInput,
  sumOf,
} from './rewrite-layer.js';

/** How a layer is quantised. */
export interface LayerOptions {
  /** Largest magnitude of a weight. */
  readonly largest: number;
  readonly gramOf: GramOf;
  /** How the activated channels get their scale. */
  readonly activatedScale: ActivationScale;
  /** Called after each matrix product whose weights are done. */
  readonly onProduct?: (() => void) | undefined;
}

/** A layer whose input is shifted and whose output is not yet: `assembleEncoder` knows what the next layer expects. */
export interface ShiftedLayer {
  readonly inputShift: Float32Array;
  readonly layer: QuantizedLayer;
}

type QuantizedFeedForwardBlock = Pick<QuantizedLayer, 'feedForwardInput' | 'feedForward' | 'feedForwardBias'>;

/** Room above the largest magnitude that calibration met. Clipping below it would cost far more than coarser steps. */
const MARGIN = 1.05;

/**
 * Quantises one layer after {@link rewriteLayer}: query, key, value and the first feed-forward layer with a static scale
 * of their input, the other two with one for each row.
 */
export async function quantizeLayer(
  layer: FloatLayer,
  activations: LayerActivations,
  options: LayerOptions,
): Promise<ShiftedLayer> {
  const rewritten = rewriteLayer(layer, activations);
  const attention = await quantizeAttention(layer, rewritten, options);
  const feedForward = await quantizeFeedForward(layer, rewritten, options);
  return {
    inputShift: rewritten.inputShift,
    layer: { ...attention, attentionNorm: rewritten.attentionNorm, ...feedForward, outputNorm: layer.outputNorm },
  };
}

async function quantizeAttention(
  layer: FloatLayer,
  { attentionInput: smoothed, context, biases }: RewrittenLayer,
  { gramOf, largest, onProduct }: LayerOptions,
): Promise<Omit<QuantizedLayer, 'attentionNorm' | 'outputNorm' | keyof QuantizedFeedForwardBlock>> {
  const attentionInput = staticInput(smoothed);
  const inputs = await measureInputs(smoothed.activations, attentionInput, gramOf);
  const query = quantizeLinear(layer.query, inputs, largest);
  const key = quantizeLinear(layer.key, inputs, largest);
  const value = quantizeLinear(layer.value, inputs, largest);
  onProduct?.();
  const contextInput: QuantizedInput = { multiplier: undefined, scale: { kind: 'row' } };
  const contexts = await measureInputs(context, contextInput, gramOf);
  const output = quantizeLinear(layer.attentionOutput, contexts, largest);
  onProduct?.();
  return {
    attentionInput,
    query: biased(query.weight, sumOf(biases.query, query.correction)),
    // A bias of the key would change nothing, and that of the value is folded into the output's.
    key: { weight: key.weight, bias: undefined },
    value: { weight: value.weight, bias: undefined },
    contextInput,
    attentionOutput: biased(
      output.weight,
      sumOf(biases.attentionOutput, multiply(layer.attentionOutput, value.correction), output.correction),
    ),
  };
}

async function quantizeFeedForward(
  layer: FloatLayer,
  { feedForwardInput: smoothed, parts, biases }: RewrittenLayer,
  { gramOf, largest, activatedScale, onProduct }: LayerOptions,
): Promise<QuantizedFeedForwardBlock> {
  const feedForwardInput = staticInput(smoothed);
  const inputs = await measureInputs(smoothed.activations, feedForwardInput, gramOf);
  const activatedInput: QuantizedInput = { multiplier: undefined, scale: activatedScale };
  const feedForward: QuantizedFeedForward[] = [];
  const corrections: Float64Array[] = [];
  for (const [part, { channels, activated }] of parts.entries()) {
    const named = (name: string): string => (parts.length === 1 ? name : `${name}.part${part}`);
    const { intermediate, output } = layer;
    const first = quantizeLinear(selectOutputs(intermediate, named(intermediate.name), channels), inputs, largest);
    onProduct?.();
    const activations = await measureInputs(activated, activatedInput, gramOf);
    const second = quantizeLinear(selectInputs(output, named(output.name), channels), activations, largest);
    onProduct?.();
    const bias = Float64Array.from(channels, (channel) => biases.intermediate[channel] ?? 0);
    feedForward.push({
      intermediate: biased(first.weight, sumOf(bias, first.correction)),
      activated: activatedInput,
      output: second.weight,
    });
    corrections.push(second.correction);
  }
  return { feedForwardInput, feedForward, feedForwardBias: Float32Array.from(sumOf(biases.output, ...corrections)) };
}

/** One scale for all tokens: that of the largest magnitude, which the shift has made about the same in both directions. */
function staticInput({ multiplier, repeated, activations }: SmoothedInput): QuantizedInput {
  const peak = largestOf(activations);
  // Inputs that are always zero do not care.
  const scale = peak > 0 ? Math.fround((peak * MARGIN) / SYMMETRIC_STEPS) : 1;
  return { multiplier, repeated, scale: { kind: 'static', scale, zeroPoint: SYMMETRIC_ZERO_POINT } };
}

function largestOf(activations: Activations): number {
  return channelPeaks(activations).reduce((largest, peak) => Math.max(largest, peak), 0);
}

function biased(weight: QuantizedLinear['weight'], bias: Float64Array): QuantizedLinear {
  return { weight, bias: Float32Array.from(bias) };
}
