import type { Style } from './style.js';

const CLOSE = 0.5;
const RELATED = 0.25;

/** A score between -1 and 1, already set, so that high ones stand out and low ones step back. */
export function emphasiseScore(cell: string, score: number, style: Style): string {
  if (score < RELATED) return style.dim(cell);
  return score >= CLOSE ? style.green(cell) : cell;
}
