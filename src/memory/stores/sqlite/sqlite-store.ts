import { mkdir } from 'node:fs/promises';
import { dirname, resolve as resolvePath } from 'node:path';
import type { EmbeddingSpace } from '../../../models/embedding-space.js';
import { errorMessage, IsovecError } from '../../../shared/isovec-error.js';
import type { MemoryConnection, MemoryRecord } from '../../memory-record.js';
import { checkQuery, checkVectors } from '../check-change.js';
import type {
  FoundMemory,
  MemoryStore,
  StoreChange,
  StoreFault,
  StorePage,
  StoreSearch,
  StoreStatus,
} from '../store.js';
import { SqliteThread } from './sqlite-thread.js';

/** Options of {@link openSqliteStore}. */
export interface SqliteStoreOptions {
  /** Path of the file; it and its folder are made if a space is given and they are not there. */
  readonly file: string;
  /** That of the vectors; without it, the file must be there, and says its own. */
  readonly space?: EmbeddingSpace;
}

/** Memories in one SQLite file, which several processes may have open. */
export interface SqliteStore extends MemoryStore {
  readonly file: string;
  /** Writes a copy of the file as it is now to a path where nothing is yet. STORE_UNAVAILABLE. */
  backup(target: string): Promise<void>;
}

/**
 * Opens memories in a SQLite file. It needs the package libsql: PACKAGE_MISSING. SPACE_MISMATCH for a file with vectors of another
 * space, NOT_FOUND without a space for one that is not there, FORMAT_INVALID for a damaged one, one of another program or of a
 * later version, STORE_UNAVAILABLE.
 */
export async function openSqliteStore({ file, space }: SqliteStoreOptions): Promise<SqliteStore> {
  const path = resolvePath(file);
  if (space !== undefined) {
    await mkdir(dirname(path), { recursive: true }).catch((cause: unknown) => {
      throw new IsovecError('STORE_UNAVAILABLE', `The folder of ${path} cannot be made: ${errorMessage(cause)}.`, {
        cause,
      });
    });
  }
  const opened = await SqliteThread.open({ file: path, space, role: 'store' });
  return new ThreadedStore(path, opened.space, opened.thread);
}

class ThreadedStore implements SqliteStore {
  readonly kind: string = 'sqlite';
  readonly file: string;
  readonly space: EmbeddingSpace;
  readonly #thread: SqliteThread;

  constructor(file: string, space: EmbeddingSpace, thread: SqliteThread) {
    this.file = file;
    this.space = space;
    this.#thread = thread;
  }

  async apply(change: StoreChange): Promise<void> {
    checkVectors(change, this.space.dimensions);
    await this.#thread.call('apply', change);
  }

  get(ids: readonly string[]): Promise<readonly (MemoryRecord | undefined)[]> {
    return this.#thread.call('get', ids);
  }

  vectors(ids: readonly string[]): Promise<readonly (Float32Array | undefined)[]> {
    return this.#thread.call('vectors', ids);
  }

  async search(query: Float32Array, { limit, filter = {} }: StoreSearch): Promise<readonly FoundMemory[]> {
    checkQuery(query, this.space.dimensions);
    return await this.#thread.call('search', query, limit, filter);
  }

  list({ filter = {}, after = '', limit }: StorePage): Promise<readonly MemoryRecord[]> {
    return this.#thread.call('list', filter, after, limit);
  }

  connections(ids: readonly string[]): Promise<readonly MemoryConnection[]> {
    return this.#thread.call('connections', ids);
  }

  touch(ids: readonly string[], accessedAt: number): Promise<void> {
    return this.#thread.call('touch', ids, accessedAt);
  }

  status(): Promise<StoreStatus> {
    return this.#thread.call('status');
  }

  verify(): Promise<readonly StoreFault[]> {
    return this.#thread.call('verify');
  }

  backup(target: string): Promise<void> {
    return this.#thread.call('backup', resolvePath(target));
  }

  close(): Promise<void> {
    return this.#thread.close();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }
}
