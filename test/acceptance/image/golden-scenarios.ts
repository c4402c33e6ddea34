import path from 'node:path';

import { loadGoldenSet } from '#src/validate/golden-set.js';

const FOLDER = path.resolve(import.meta.dirname, '../../../data/validation/sentence-transformers--all-MiniLM-L6-v2');

/** The ten scenarios of the golden set: texts, Python's vectors of them, and how far float32 may be from those. */
export interface Scenarios {
  readonly texts: readonly string[];
  readonly vectors: readonly Float32Array[];
  readonly tolerance: number;
}

export async function goldenScenarios(): Promise<Scenarios> {
  const { expectation, texts, float32 } = await loadGoldenSet(FOLDER);
  const chosen = texts.flatMap(({ scenario, text }, at) => {
    const vector = float32[at];
    return scenario && vector !== undefined ? [{ text, vector }] : [];
  });
  return {
    texts: chosen.map(({ text }) => text),
    vectors: chosen.map(({ vector }) => vector),
    tolerance: expectation.tolerances.scenarios.float32,
  };
}

/** The largest difference of any value, and the least cosine, of vectors of length 1. */
export function compare(
  found: readonly Float32Array[],
  expected: readonly Float32Array[],
): { readonly error: number; readonly cosine: number } {
  if (found.length !== expected.length) throw new Error(`${found.length} vectors of ${expected.length}`);
  let error = 0;
  let cosine = 1;
  for (const [at, vector] of expected.entries()) {
    const own = found[at];
    if (own?.length !== vector.length) throw new Error(`${own?.length} dimensions of ${vector.length}`);
    let product = 0;
    for (const [index, value] of vector.entries()) {
      const other = own[index] ?? Number.NaN;
      error = Math.max(error, Math.abs(value - other));
      product += value * other;
    }
    cosine = Math.min(cosine, product);
  }
  return { error, cosine };
}
