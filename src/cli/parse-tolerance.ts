import { InvalidArgumentError } from 'commander';

/** Reads the value of a flag that takes the largest error that passes. */
export function parseTolerance(text: string): number {
  const value = text.trim() === '' ? Number.NaN : Number(text);
  if (!Number.isFinite(value) || value <= 0) throw new InvalidArgumentError('It must be a number above 0, like 1e-6.');
  return value;
}
