import { GELU_DEPTH, GELU_STEPS, GELU_ZERO_POINT, SYMMETRIC_STEPS, SYMMETRIC_ZERO_POINT } from './activation-steps.js';
import type { ActivationScale } from './quantized-encoder.js';

/** Inputs of a linear layer over the calibration texts: float32 [tokens, width], row-major. */
export interface Activations {
  readonly values: Float32Array;
  readonly width: number;
}

/** X^T X of a matrix [tokens, width], accumulated in float64. */
export type GramOf = (activations: Activations) => Promise<Float64Array>;

/** Largest magnitude of each channel. */
export function channelPeaks({ values, width }: Activations): Float64Array {
  const peaks = new Float64Array(width);
  for (let row = 0; row < values.length; row += width) {
    for (let channel = 0; channel < width; channel++) {
      const magnitude = Math.abs(values[row + channel] ?? 0);
      if (magnitude > (peaks[channel] ?? 0)) peaks[channel] = magnitude;
    }
  }
  return peaks;
}

/** Mean of each channel. */
export function channelMeans({ values, width }: Activations): Float64Array {
  const means = new Float64Array(width);
  for (let row = 0; row < values.length; row += width) {
    for (let channel = 0; channel < width; channel++) {
      means[channel] = (means[channel] ?? 0) + (values[row + channel] ?? 0);
    }
  }
  const tokens = values.length / width;
  return means.map((sum) => sum / tokens);
}

/** (x - shift) * multiplier, channel by channel; without a multiplier the difference alone. */
export function shifted(
  { values, width }: Activations,
  shift: ArrayLike<number>,
  multiplier: Float32Array | undefined,
): Activations {
  const result = new Float32Array(values.length);
  for (let row = 0; row < values.length; row += width) {
    for (let channel = 0; channel < width; channel++) {
      const difference = Math.fround((values[row + channel] ?? 0) - (shift[channel] ?? 0));
      result[row + channel] = difference * (multiplier?.[channel] ?? 1);
    }
  }
  return { values: result, width };
}

/** Some channels, in the given order. */
export function selectChannels({ values, width }: Activations, channels: Uint32Array): Activations {
  const tokens = values.length / width;
  const result = new Float32Array(tokens * channels.length);
  for (let token = 0; token < tokens; token++) {
    for (let i = 0; i < channels.length; i++) {
      result[token * channels.length + i] = values[token * width + (channels[i] ?? 0)] ?? 0;
    }
  }
  return { values: result, width: channels.length };
}

/** What the integer kernels see of activations: quantised to uint8, and back. */
export function quantizedActivations({ values, width }: Activations, scale: ActivationScale): Activations {
  const result = new Float32Array(values.length);
  const zeroPoint =
    scale.kind === 'static' ? scale.zeroPoint : scale.kind === 'row' ? SYMMETRIC_ZERO_POINT : GELU_ZERO_POINT;
  for (let row = 0; row < values.length; row += width) {
    const step = scale.kind === 'static' ? scale.scale : rowScale(values, row, row + width, scale.kind);
    if (step === 0) continue;
    for (let i = row; i < row + width; i++) {
      const level = Math.round((values[i] ?? 0) / step);
      result[i] = Math.max(-zeroPoint, Math.min(255 - zeroPoint, level)) * step;
    }
  }
  return { values: result, width };
}

function rowScale(values: Float32Array, begin: number, end: number, kind: 'row' | 'row-gelu'): number {
  let peak = 0;
  if (kind === 'row') {
    for (let i = begin; i < end; i++) peak = Math.max(peak, Math.abs(values[i] ?? 0));
    return Math.fround(peak / SYMMETRIC_STEPS);
  }
  for (let i = begin; i < end; i++) peak = Math.max(peak, values[i] ?? 0);
  return Math.fround(Math.max(peak / GELU_STEPS, GELU_DEPTH / GELU_ZERO_POINT));
}
