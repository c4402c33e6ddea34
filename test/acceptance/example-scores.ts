import path from 'node:path';

import type { Embedder } from '#src/index.js';

export const EXAMPLES: string = path.resolve(import.meta.dirname, '../../examples');

/** The scores that an example prints of a query and two documents, by the library. */
export async function exampleScores(model: Embedder): Promise<string[]> {
  const [query, ...documents] = ['When is bread baked?', 'Bread is baked at dawn.', 'The river rose overnight.'];
  const scores = model.similarity(await model.encode(query), await model.encodeBatch(documents));
  return Array.from(scores.data, String);
}
