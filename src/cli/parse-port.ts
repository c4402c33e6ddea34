import { InvalidArgumentError } from 'commander';

/** Reads the value of a flag that takes a port to listen on; 0 is any free one. */
export function parsePort(text: string): number {
  const value = /^\d{1,5}$/.test(text) ? Number(text) : Number.NaN;
  if (!(value <= 65_535)) throw new InvalidArgumentError('It must be a whole number from 0 to 65535.');
  return value;
}
