import type { SharedVectors } from './shared-vectors.js';

/**
 * Which dimensions are multiplied for every pair. Of unit vectors, the product of two is at most the product over some
 * dimensions plus the product of the lengths of the rest (Cauchy-Schwarz): a pair whose bound is below the threshold is no
 * duplicate, and only the others are multiplied in full.
 */
export interface ComparisonPlan {
  /** Indices of the dimensions, those that tell vectors apart best first. */
  readonly dimensions: readonly number[];
}

/** Pairs that are looked at to find out how many a bound leaves over, and rows for the spread of the dimensions. */
const SAMPLED_PAIRS = 4096;
const SAMPLED_ROWS = 2048;

/** Nanoseconds for a dimension of a pair in the kernel; for a pair in full, and each of its dimensions. Ratios matter only. */
const KERNEL_COST = 0.1;
const PAIR_COST = 100;
const PAIR_DIMENSION_COST = 0.8;

/** The plan that costs least by a sample; it decides the speed, and never the result. */
export function planComparison(vectors: SharedVectors, threshold: number): ComparisonPlan {
  const order = dimensionsBySpread(vectors);
  const lengths = prefixLengths(vectors.dimensions);
  const left = survivors(vectors, threshold, order, lengths);
  const full = PAIR_COST + PAIR_DIMENSION_COST * vectors.dimensions;
  let best = vectors.dimensions;
  let least = Infinity;
  for (const [index, length] of lengths.entries()) {
    const cost = KERNEL_COST * length + ((left[index] ?? 0) / SAMPLED_PAIRS) * full;
    if (cost >= least) continue;
    least = cost;
    best = length;
  }
  return { dimensions: order.slice(0, best) };
}

/** Dimensions by falling variance of the unit vectors: a dimension in which all agree bounds nothing. */
function dimensionsBySpread(vectors: SharedVectors): number[] {
  const { count, dimensions } = vectors;
  const sums = new Float64Array(dimensions);
  const squares = new Float64Array(dimensions);
  const rows = Math.min(count, SAMPLED_ROWS);
  for (let sample = 0; sample < rows; sample++) {
    const index = Math.floor((sample * count) / rows);
    const divisor = vectors.divisor(index);
    for (const [dimension, value] of vectors.row(index).entries()) {
      const unit = value / divisor;
      sums[dimension] = (sums[dimension] ?? 0) + unit;
      squares[dimension] = (squares[dimension] ?? 0) + unit * unit;
    }
  }
  const spreads = squares.map((square, dimension) => square - (sums[dimension] ?? 0) ** 2 / rows);
  return Array.from(spreads.keys()).sort((a, b) => (spreads[b] ?? 0) - (spreads[a] ?? 0));
}

function prefixLengths(dimensions: number): number[] {
  const lengths: number[] = [];
  for (let length = 16; length < dimensions; length = Math.ceil((length * 1.25) / 16) * 16) lengths.push(length);
  return [...lengths, dimensions];
}

/** How many sampled pairs are left over after each length; half a pair more than were seen, for those that were not. */
function survivors(
  vectors: SharedVectors,
  threshold: number,
  order: readonly number[],
  lengths: readonly number[],
): number[] {
  const left = lengths.map(() => 0.5);
  const random = randomNumbers();
  for (let pair = 0; pair < SAMPLED_PAIRS; pair++) {
    const a = random(vectors.count);
    const b = random(vectors.count);
    if (a === b) continue;
    const x = vectors.row(a);
    const y = vectors.row(b);
    const scale = vectors.divisor(a) * vectors.divisor(b);
    let product = 0;
    let xRest = vectors.divisor(a) ** 2;
    let yRest = vectors.divisor(b) ** 2;
    let at = 0;
    for (const [index, length] of lengths.entries()) {
      for (; at < length; at++) {
        const dimension = order[at] ?? 0;
        const xValue = x[dimension] ?? 0;
        const yValue = y[dimension] ?? 0;
        product += xValue * yValue;
        xRest -= xValue * xValue;
        yRest -= yValue * yValue;
      }
      const bound = (product + Math.sqrt(Math.max(0, xRest) * Math.max(0, yRest))) / scale;
      if (bound < threshold) break;
      left[index] = (left[index] ?? 0) + 1;
    }
  }
  return left;
}

/** The same numbers below a limit each time (Numerical Recipes, 7.1: a linear congruential generator). */
function randomNumbers(): (limit: number) => number {
  let state = 1;
  return (limit) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 2 ** 32) * limit);
  };
}
