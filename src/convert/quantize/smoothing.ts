/** Channels that are hardly ever used would get extreme factors: the least peak that counts, as a share of the largest. */
const FLOOR = 1e-4;

/**
 * Multipliers of the inputs of linear layers that share them (SmoothQuant, Xiao et al., 2022, with all of the difficulty
 * moved into the weights): every channel gets the same largest magnitude and the weights of its input grow by as much as it
 * shrinks, which changes nothing but the range that one scale has to cover. Their geometric mean is 1.
 *
 * @param peaks Largest magnitude of each input over the calibration texts.
 */
export function smoothingMultipliers(peaks: Float64Array): Float32Array {
  const largest = peaks.reduce((most, peak) => Math.max(most, peak), 0);
  if (largest === 0) return new Float32Array(peaks.length).fill(1);
  const logarithms = peaks.map((peak) => Math.log(Math.max(peak, largest * FLOOR)));
  const mean = logarithms.reduce((sum, value) => sum + value, 0) / logarithms.length;
  return Float32Array.from(logarithms, (value) => Math.exp(mean - value));
}
