/** Shades of the heat map; the style sheet has a colour for each, in light and in dark. */
export const LEVELS = 9;

/** From scores to shades. */
export interface HeatScale {
  readonly lowest: number;
  readonly highest: number;
  readonly levelOf: (score: number) => number;
}

/**
 * The scale of a square table of scores, row-major: from the lowest to the highest score of two different texts, since
 * models differ in the range that they use. A text with itself says nothing and is left out.
 */
export function heatScale(scores: ArrayLike<number>, texts: number): HeatScale {
  let lowest = Infinity;
  let highest = -Infinity;
  for (let row = 0; row < texts; row++) {
    for (let column = 0; column < texts; column++) {
      if (row === column) continue;
      const score = scores[row * texts + column] ?? 0;
      lowest = Math.min(lowest, score);
      highest = Math.max(highest, score);
    }
  }
  if (lowest > highest) lowest = highest = scores[0] ?? 0;
  const width = highest - lowest;
  return {
    lowest,
    highest,
    levelOf: (score) => {
      const place = width === 0 ? 1 : (score - lowest) / width;
      return Math.min(LEVELS - 1, Math.max(0, Math.floor(place * LEVELS)));
    },
  };
}
