import { InvalidArgumentError } from 'commander';

/** Reads the value of a flag that takes a number from 0 to 1. */
export function parseShare(text: string): number {
  const value = shareOf(text);
  if (value === undefined) throw new InvalidArgumentError('It must be a number from 0 to 1.');
  return value;
}

/** The number from 0 to 1 that a text is; undefined if it is none. */
export function shareOf(text: string): number | undefined {
  const value = /^(?:\d+\.?\d*|\.\d+)$/.test(text) ? Number(text) : Number.NaN;
  return value >= 0 && value <= 1 ? value : undefined;
}
