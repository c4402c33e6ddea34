import { percentile as ofSorted } from '#src/bench/measure/percentile.js';

export { median } from '#src/bench/measure/percentile.js';

/** The smallest sample, of some in any order, that at least `share` (0 to 1) of them do not exceed; NaN without samples. */
export function percentile(samples: readonly number[], share: number): number {
  return ofSorted(Float64Array.from(samples).sort(), share);
}
