import { lexiconExtractor } from '../../memory/cognitive/cognitive-extractor.js';
import type { MemoryEncoder } from '../../memory/memory-encoder.js';
import { Memory } from '../../memory/memory.js';
import type { MemoryStore } from '../../memory/stores/store.js';
import type { EmbeddingSpace } from '../../models/embedding-space.js';
import { IsovecError } from '../../shared/isovec-error.js';
import type { CommandContext } from '../command-context.js';
import type { StoreFlags } from './memory-flags.js';
import { storePlaceOf } from './store-place.js';

/** Does work that needs no new vectors on memories that are there, without a model, and closes the store. NOT_FOUND. */
export async function useStoredMemory<T>(
  flags: StoreFlags,
  context: CommandContext,
  work: (memory: Memory, store: MemoryStore) => Promise<T>,
): Promise<T> {
  const store = await storePlaceOf(flags, context).open();
  try {
    return await work(new Memory({ store, encoder: withoutModel(store.space) }), store);
  } finally {
    await store.close();
  }
}

function withoutModel(space: EmbeddingSpace): MemoryEncoder {
  return {
    space,
    profile: (text) => lexiconExtractor.extract(text),
    encodeBatch: () => Promise.reject(new IsovecError('INTERNAL', 'A command without a model asked for a vector.')),
  };
}
