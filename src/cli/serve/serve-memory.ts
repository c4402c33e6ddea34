import { openSqliteStore, type SqliteStore } from '../../memory/stores/sqlite/sqlite-store.js';
import type { EmbeddingSpace } from '../../models/embedding-space.js';
import type { ServerMemoryOptions } from '../../server/memory/served-memory.js';
import type { CommandContext } from '../command-context.js';
import { type StoreFlags, storeFileOf } from '../memory/memory-flags.js';
import { openStored } from '../memory/use-memory.js';

/** A file of memories on its way to a server. */
export interface MemoryFile {
  /** That of the vectors in it; undefined if the file is not there yet. */
  readonly space: EmbeddingSpace | undefined;
  /** For the server; a file that is not there yet is made for its first model. */
  readonly options: ServerMemoryOptions;
  readonly close: () => Promise<void>;
}

/** Opens the file of memories: what is wrong with it is told before a model is loaded. What the store rejects with. */
export async function openMemoryFile(flags: StoreFlags, context: CommandContext): Promise<MemoryFile> {
  const file = storeFileOf(flags, context);
  let store: SqliteStore | undefined = await openStored(file, true);
  const create = async (space: EmbeddingSpace): Promise<SqliteStore> =>
    (store = await openSqliteStore({ file, space }));
  return {
    space: store?.space,
    options: { store: store ?? create },
    close: async () => {
      await store?.close();
    },
  };
}
