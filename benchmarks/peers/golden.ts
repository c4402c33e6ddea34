import { loadModel } from '#src/index.js';
import { listGoldenSets, loadGoldenSet } from '#src/validate/golden-set.js';

import type { Golden } from './conduct.js';

/**
 * The golden texts of a model with what sentence-transformers made of them, and with the vectors that follow from taking
 * the first token for the whole, which some libraries do whatever the model says.
 */
export async function goldenOf(model: string): Promise<Golden> {
  const sets = await listGoldenSets();
  const found = sets.find(({ expectation }) => expectation.model === model);
  if (found === undefined) throw new Error(`There are no stored vectors of ${model} to compare with.`);
  const { expectation, texts, float32 } = await loadGoldenSet(found.folder);
  const plain = texts.map(({ text }) => text);
  const embedder = await loadModel(model);
  try {
    const states = await embedder.tokenEmbeddings(plain);
    return {
      texts: plain,
      expected: float32,
      expectedIds: texts.map(({ inputIds }) => inputIds ?? []),
      untruncatedLengths: texts.map(({ untruncatedLength }) => untruncatedLength ?? 0),
      maxSequenceLength: expectation.space.maxSequenceLength,
      firstToken: states.map(({ data }) => data.slice(0, expectation.space.dimensions)),
    };
  } finally {
    await embedder.close();
  }
}
