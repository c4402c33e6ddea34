/**
 * Number of elements of a shape, 1 for a scalar; undefined if a dimension is not a non-negative safe integer or a
 * partial product is not exactly representable. The reference reader of safetensors checks the partial products too,
 * so [2^60, 2^60, 0] is refused although its product is 0 (CWE-190).
 */
export function elementCount(shape: readonly number[]): number | undefined {
  let count = 1;
  for (const dimension of shape) {
    if (!isDimension(dimension)) return undefined;
    count *= dimension;
    if (!Number.isSafeInteger(count)) return undefined;
  }
  return count;
}

/** Whether a value is a dimension: a safe integer >= 0, and not the -0 that JSON can spell. */
export function isDimension(value: unknown): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0 && !Object.is(value, -0);
}
