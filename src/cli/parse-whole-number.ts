import { InvalidArgumentError } from 'commander';

/** Reads the value of a flag that takes a whole number of at least 1. */
export function parseWholeNumber(text: string): number {
  const value = /^\d+$/.test(text) ? Number(text) : Number.NaN;
  if (!Number.isSafeInteger(value) || value < 1) {
    throw new InvalidArgumentError('It must be a whole number of at least 1.');
  }
  return value;
}
