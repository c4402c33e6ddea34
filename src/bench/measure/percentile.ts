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

/** The middle of some numbers in any order; of an even count the lower of the two. */
export function median(numbers: readonly number[]): number {
  return percentile(Float64Array.from(numbers).sort(), 0.5);
}
