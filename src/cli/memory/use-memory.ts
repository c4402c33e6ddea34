import type { Embedder } from '../../engine/embedder.js';
import { createCognitiveEncoder } from '../../memory/cognitive/cognitive-encoder.js';
import { Memory } from '../../memory/memory.js';
import type { MemoryStore } from '../../memory/stores/store.js';
import { isIsovecError } from '../../shared/isovec-error.js';
import type { CommandContext } from '../command-context.js';
import type { MemoryModelFlags, NamedModel } from './memory-flags.js';
import { openMemoryModel } from './open-memory-model.js';
import { type StorePlace, storePlaceOf } from './store-place.js';

/** How a memory is opened. */
export interface MemoryNeeds {
  readonly named: NamedModel;
  /** Whether the store is made if it is not there; else that is NOT_FOUND. */
  readonly create: boolean;
  /** Whether few texts are embedded: sooner done than further threads are ready. */
  readonly fewTexts: boolean;
}

/**
 * Does work on memories with the model that made their vectors, or that is named, and closes both. The store is
 * opened first: what is wrong with it is told before a model is loaded. SPACE_MISMATCH for another model; what store
 * and model reject with.
 */
export async function useMemory<T>(
  flags: MemoryModelFlags,
  needs: MemoryNeeds,
  context: CommandContext,
  work: (memory: Memory, model: Embedder) => Promise<T>,
): Promise<T> {
  const place = storePlaceOf(flags, context);
  let store = await openStored(place, needs.create);
  try {
    const model = await openMemoryModel(store?.space, flags, needs, context);
    try {
      const encoder = createCognitiveEncoder(model);
      store ??= await place.open(encoder.space);
      const result = await work(new Memory({ store, encoder }), model);
      context.timing.mark('remembered or recalled');
      return result;
    } finally {
      await model.close();
    }
  } finally {
    await store?.close();
  }
}

/** The store if it is there; undefined if it is not, and may be made. */
export async function openStored(place: StorePlace, create: boolean): Promise<MemoryStore | undefined> {
  try {
    return await place.open();
  } catch (error) {
    if (create && isIsovecError(error, 'NOT_FOUND')) return undefined;
    throw error;
  }
}
