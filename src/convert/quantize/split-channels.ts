/** Outlier channels for 1536 channels, the width at which this was chosen. */
const OUTLIERS = 64;
const CHOSEN_AT = 1536;
/** Kernels work on this many columns at a time. */
const MULTIPLE = 16;
/** Below this width one more pair of products costs more than finer scales are worth. */
const NARROWEST = 512;

/**
 * Channels of a feed-forward block in parts that get scales of their own: those with the largest magnitudes apart from
 * the rest. One part with all channels if the block is narrow. The channels of a part are in ascending order.
 */
export function splitChannels(peaks: ArrayLike<number>): readonly Uint32Array[] {
  const all = Uint32Array.from({ length: peaks.length }, (_, channel) => channel);
  if (all.length < NARROWEST) return [all];
  const outliers = Math.max(MULTIPLE, Math.round((all.length * OUTLIERS) / CHOSEN_AT / MULTIPLE) * MULTIPLE);
  const byPeak = all.slice().sort((left, right) => (peaks[right] ?? 0) - (peaks[left] ?? 0) || left - right);
  return [byPeak.slice(0, outliers).sort(), byPeak.slice(outliers).sort()];
}
