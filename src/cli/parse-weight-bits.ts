import { InvalidArgumentError } from 'commander';
import type { WeightBits } from '../convert/quantize/round-rows.js';

/** Reads the bits of an int8 weight. */
export function parseWeightBits(text: string): WeightBits {
  if (text !== '7' && text !== '8') throw new InvalidArgumentError('Allowed choices are 7, 8.');
  return text === '7' ? 7 : 8;
}
