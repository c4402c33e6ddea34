import { lexiconExtractor } from '../../memory/cognitive/cognitive-extractor.js';
import type { MemoryEncoder } from '../../memory/memory-encoder.js';
import { Memory } from '../../memory/memory.js';
import { openSqliteStore, type SqliteStore } from '../../memory/stores/sqlite/sqlite-store.js';
import type { EmbeddingSpace } from '../../models/embedding-space.js';
import { IsovecError } from '../../shared/isovec-error.js';
import type { CommandContext } from '../command-context.js';
import { type StoreFlags, storeFileOf } from './memory-flags.js';

/** Does work that needs no new vectors on a file of memories that is there, without a model, and closes it. NOT_FOUND. */
export async function useStoredMemory<T>(
  flags: StoreFlags,
  context: CommandContext,
  work: (memory: Memory, store: SqliteStore) => Promise<T>,
): Promise<T> {
  const store = await openSqliteStore({ file: storeFileOf(flags, context) });
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
