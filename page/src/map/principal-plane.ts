/** A place on the map. */
export interface Point {
  readonly x: number;
  readonly y: number;
}

/** The plane through vectors that keeps most of how they differ. */
export interface PrincipalPlane {
  /** Of each vector, relative to their mean. */
  readonly points: readonly Point[];
  /** Share of the variance that lies in the plane, 0 to 1. */
  readonly share: number;
  /** Where another vector would lie. */
  readonly project: (vector: Float32Array) => Point;
}

/** Enough for axes that differ at all; where two directions hold the same, either is right. */
const MOST_ROUNDS = 200;
/** One minus the cosine of a turn that nobody sees: a twentieth of a degree. */
const STANDS = 4e-7;

/**
 * Principal component analysis to two dimensions, by orthogonal iteration on the vectors as they are, in float64. The same
 * vectors always give the same map.
 */
export function principalPlane(vectors: readonly Float32Array[]): PrincipalPlane {
  const dimensions = vectors[0]?.length ?? 0;
  const mean = new Float64Array(dimensions);
  for (const vector of vectors) for (let i = 0; i < dimensions; i++) mean[i] = at(mean, i) + at(vector, i);
  for (let i = 0; i < dimensions; i++) mean[i] = at(mean, i) / Math.max(1, vectors.length);
  const rows = vectors.map((vector) => Float64Array.from(vector, (value, i) => value - at(mean, i)));

  const axes = [startingAxis(dimensions, 1), startingAxis(dimensions, 2)] as const;
  orthonormalize(axes);
  for (let round = 0; round < MOST_ROUNDS; round++) {
    const before = axes.map((axis) => axis.slice());
    for (const axis of axes) multiply(rows, axis);
    orthonormalize(axes);
    const moved = axes.map((axis, a) => 1 - Math.abs(product(axis, before[a] ?? axis)));
    // An axis without variance is zero, and stays.
    if (axes.every((axis, a) => (moved[a] ?? 0) < STANDS || product(axis, axis) === 0)) break;
  }
  const [first, second] = axes;
  for (const axis of axes) face(axis, rows);
  const place = (row: Float64Array): Point => ({ x: product(row, first), y: product(row, second) });
  const points = rows.map(place);
  const total = rows.reduce((sum, row) => sum + product(row, row), 0);
  const kept = points.reduce((sum, { x, y }) => sum + x * x + y * y, 0);
  return {
    points,
    share: total === 0 ? 1 : Math.min(1, kept / total),
    project: (vector) => place(Float64Array.from(vector, (value, i) => value - at(mean, i))),
  };
}

/** axis := (transposed rows)(rows)(axis), which turns it towards the direction of most variance. */
function multiply(rows: readonly Float64Array[], axis: Float64Array): void {
  const turned = new Float64Array(axis.length);
  for (const row of rows) {
    const weight = product(row, axis);
    for (let i = 0; i < turned.length; i++) turned[i] = at(turned, i) + weight * at(row, i);
  }
  axis.set(turned);
}

function orthonormalize([first, second]: readonly [Float64Array, Float64Array]): void {
  const size = scale(first, 0);
  // Twice, because the first pass leaves what rounding left.
  for (let pass = 0; pass < 2; pass++) {
    const along = product(first, second);
    for (let i = 0; i < second.length; i++) second[i] = at(second, i) - along * at(first, i);
    // What is left of a second axis that is nothing beside the first is rounding, not a direction.
    scale(second, pass === 0 ? size * 1e-14 : 0);
  }
}

/** Gives an axis length 1, or 0 where it is no longer than `least`; returns how long it was. */
function scale(axis: Float64Array, least: number): number {
  const length = Math.sqrt(product(axis, axis));
  const factor = length <= least ? 0 : 1 / length;
  for (let i = 0; i < axis.length; i++) axis[i] = at(axis, i) * factor;
  return length;
}

/** An axis has no sign of its own: the place that is farthest along it lies on its positive side. */
function face(axis: Float64Array, rows: readonly Float64Array[]): void {
  const farthest = rows.reduce((most, row) => {
    const along = product(row, axis);
    return Math.abs(along) > Math.abs(most) ? along : most;
  }, 0);
  if (farthest < 0) for (let i = 0; i < axis.length; i++) axis[i] = -at(axis, i);
}

/** Numbers without a pattern, the same each time (a linear congruential generator; Numerical Recipes, 7.1). */
function startingAxis(dimensions: number, seed: number): Float64Array {
  let state = seed;
  return Float64Array.from({ length: dimensions }, () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32 - 0.5;
  });
}

function product(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += at(a, i) * at(b, i);
  return sum;
}

function at(values: Float64Array | Float32Array, index: number): number {
  return values[index] ?? 0;
}
