/**
 * The smallest of the samples that at least `share` (0 to 1) of them do not exceed (nearest rank: always a sample, never
 * between two). `sorted` ascends; NaN without samples.
 */
export function percentile(sorted: ArrayLike<number>, share: number): number {
  const { length } = sorted;
  // What is a whole number but for rounding is that number: 0.07 * 100 is a little more than 7.
  const rank = Math.ceil(Math.round(share * length * 1e6) / 1e6);
  return sorted[Math.min(length, Math.max(1, rank)) - 1] ?? Number.NaN;
}

/** The middle of some numbers in any order; of an even count the mean of the two in the middle. NaN without numbers. */
export function median(numbers: readonly number[]): number {
  const sorted = Float64Array.from(numbers).sort();
  const { length } = sorted;
  const at = (index: number): number => sorted[index] ?? Number.NaN;
  return (at(Math.floor((length - 1) / 2)) + at(Math.floor(length / 2))) / 2;
}
