import type { Activations } from './activations.js';

/** Percentiles between which the middle of a channel is taken: beyond them lie a few special tokens. */
const TAIL = 0.001;

/**
 * The middle of each channel's range over the calibration texts. Subtracted from the residual stream, it makes the
 * range symmetric, which is what a zero point of 128 needs. Values are float32 numbers.
 */
export function residualShift({ values, width }: Activations): Float32Array {
  const tokens = values.length / width;
  const middle = new Float32Array(width);
  const channelValues = new Float32Array(tokens);
  for (let channel = 0; channel < width; channel++) {
    for (let token = 0; token < tokens; token++) channelValues[token] = values[token * width + channel] ?? 0;
    channelValues.sort();
    middle[channel] = (quantile(channelValues, TAIL) + quantile(channelValues, 1 - TAIL)) / 2;
  }
  return middle;
}

/** Linear interpolation between the two nearest ranks. */
function quantile(sorted: Float32Array, share: number): number {
  const place = share * (sorted.length - 1);
  const below = Math.floor(place);
  const low = sorted[below] ?? 0;
  const high = sorted[Math.min(below + 1, sorted.length - 1)] ?? 0;
  return low + (high - low) * (place - below);
}
