/** Reviver of JSON: vectors and scores are float32, and are read as such; their decimal numbers are no longer than that takes. */
export function asFloat32(_key: string, value: unknown): unknown {
  return typeof value === 'number' && !Number.isInteger(value) ? Math.fround(value) : value;
}
