/** How much of the difficulty moves from the activations into the weights. */
const STRENGTH = 0.9;
/** Channels that are never used would get extreme factors. */
const FLOOR = 1e-4;

/**
 * Multipliers of the inputs of linear layers that share them (SmoothQuant, Xiao et al., 2022): channels with large
 * activations shrink and the weights of these inputs grow by as much, which changes nothing but the range that one scale
 * has to cover. Their geometric mean is 1.
 *
 * @param peaks Largest magnitude of each input over the calibration texts.
 * @param weightPeaks Largest magnitude of the weights of each input.
 */
export function smoothingMultipliers(peaks: ArrayLike<number>, weightPeaks: ArrayLike<number>): Float32Array {
  const logarithms = Float64Array.from({ length: peaks.length }, (_, input) => {
    const activation = Math.log(Math.max(peaks[input] ?? 0, FLOOR));
    return STRENGTH * activation - (1 - STRENGTH) * Math.log(Math.max(weightPeaks[input] ?? 0, FLOOR));
  });
  const mean = logarithms.reduce((sum, value) => sum + value, 0) / logarithms.length;
  return Float32Array.from(logarithms, (value) => Math.exp(mean - value));
}
