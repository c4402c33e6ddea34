import type { WeightDtype } from '#src/models/embedding-space.js';

/** Reads a benchmark's --dtype. */
export function weightDtype(text: string): WeightDtype {
  if (text !== 'float32' && text !== 'int8') throw new Error(`--dtype is float32 or int8, not ${text}.`);
  return text;
}
