import type { Point } from './principal-plane.js';

/** The field that a map is drawn on. */
export interface Field {
  readonly width: number;
  readonly height: number;
  readonly margin: number;
}

/** Moves and scales points into a field, alike in both directions: distances keep their meaning. */
export function fitPoints(points: readonly Point[], { width, height, margin }: Field): readonly Point[] {
  const xs = points.map(({ x }) => x);
  const ys = points.map(({ y }) => y);
  const [left, right, low, high] = [Math.min(...xs), Math.max(...xs), Math.min(...ys), Math.max(...ys)];
  const scale = Math.min(
    (width - 2 * margin) / Math.max(right - left, Number.EPSILON),
    (height - 2 * margin) / Math.max(high - low, Number.EPSILON),
  );
  const flat = right - left <= Number.EPSILON && high - low <= Number.EPSILON;
  return points.map(({ x, y }) => ({
    x: width / 2 + (flat ? 0 : (x - (left + right) / 2) * scale),
    // Up is more, on a screen less.
    y: height / 2 - (flat ? 0 : (y - (low + high) / 2) * scale),
  }));
}
