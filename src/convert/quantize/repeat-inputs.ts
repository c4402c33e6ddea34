/** Further copies for 384 inputs, the width at which this was chosen; kernels work on this many at a time. */
const COPIES = 16;
const CHOSEN_AT = 384;

/**
 * Chooses inputs of linear layers to give several times, so that each copy carries a part of the weights (outlier channel
 * splitting, Zhao et al., 2019). Smoothing leaves a few inputs with weights several times as large as all others, and
 * these decide how coarse the steps of a whole column are. Each copy goes to the input whose part is the largest so far.
 * Gives the inputs of the further copies, in ascending order; undefined where layers are too narrow for it to pay.
 *
 * @param weightPeaks Largest magnitude of the weights of each input, after smoothing.
 */
export function repeatInputs(weightPeaks: ArrayLike<number>): Uint32Array | undefined {
  const room = COPIES * Math.round(weightPeaks.length / CHOSEN_AT);
  if (room === 0) return undefined;
  const repeated = new Uint32Array(room);
  const parts = Float64Array.from(weightPeaks);
  const copies = new Uint32Array(parts.length).fill(1);
  for (let copy = 0; copy < room; copy++) {
    const largest = parts.reduce((best, part, input) => (part > (parts[best] ?? 0) ? input : best), 0);
    const count = (copies[largest] ?? 1) + 1;
    copies[largest] = count;
    parts[largest] = (weightPeaks[largest] ?? 0) / count;
    repeated[copy] = largest;
  }
  return repeated.sort();
}

/** The input that each place of widened inputs stands for: all inputs, then the further copies. */
export function widenedInputs(inputs: number, repeated: Uint32Array | undefined): Uint32Array {
  return Uint32Array.from({ length: inputs + (repeated?.length ?? 0) }, (_, place) =>
    place < inputs ? place : (repeated?.[place - inputs] ?? 0),
  );
}
