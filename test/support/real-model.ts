import { type Embedder, loadModel, type LoadOptions } from '#src/index.js';

/** The model that parity is promised for. */
export const REAL_MODEL = 'sentence-transformers/all-MiniLM-L6-v2';

/**
 * Loads the real model as a user would. Its files stay in the product's own cache, outside the repository: they are
 * fetched once, for all tests, the demo and the command line; processes that want them at the same time take turns.
 */
export function loadRealModel(options: LoadOptions = {}): Promise<Embedder> {
  return loadModel(REAL_MODEL, options);
}
