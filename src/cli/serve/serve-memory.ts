import type { MemoryStore } from '../../memory/stores/store.js';
import type { EmbeddingSpace } from '../../models/embedding-space.js';
import type { ServerMemoryOptions } from '../../server/memory/served-memory.js';
import type { CommandContext } from '../command-context.js';
import type { StoreFlags } from '../memory/memory-flags.js';
import { storePlaceOf } from '../memory/store-place.js';
import { openStored } from '../memory/use-memory.js';

/** Memories on their way to a server. */
export interface OpenedMemory {
  /** That of the vectors in the store; undefined if it is not there yet. */
  readonly space: EmbeddingSpace | undefined;
  /** For the server; a store that is not there yet is made for its first model. */
  readonly options: ServerMemoryOptions;
  readonly close: () => Promise<void>;
}

/** Opens the store of memories: what is wrong with it is told before a model is loaded. What the store rejects with. */
export async function openMemory(flags: StoreFlags, context: CommandContext): Promise<OpenedMemory> {
  const place = storePlaceOf(flags, context);
  let store: MemoryStore | undefined = await openStored(place, true);
  const create = async (space: EmbeddingSpace): Promise<MemoryStore> => (store = await place.open(space));
  return {
    space: store?.space,
    options: { store: store ?? create },
    close: async () => {
      await store?.close();
    },
  };
}
