import { mkdir } from 'node:fs/promises';
import { dirname, resolve as resolvePath } from 'node:path';
import { Worker } from 'node:worker_threads';
import type { EmbeddingSpace } from '../../../models/embedding-space.js';
import { errorMessage, IsovecError } from '../../../shared/isovec-error.js';
import type { MemoryFilter } from '../../memory-filter.js';
import type { MemoryConnection, MemoryRecord } from '../../memory-record.js';
import { checkQuery, checkVectors, storeClosed } from '../check-change.js';
import type { FoundMemory, MemoryStore, StoreChange, StoreFault, StoreStatus } from '../store.js';
import type { SqliteMethod, SqliteReply, SqliteRequest, SqliteStart } from './sqlite-messages.js';

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
 * Opens memories in a SQLite file. It needs the packages libsql and sqlite-vec: PACKAGE_MISSING. SPACE_MISMATCH for a file with
 * vectors of another space, NOT_FOUND without a space for one that is not there, FORMAT_INVALID for a damaged one, one of another
 * program or of a later version, STORE_UNAVAILABLE.
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
  const workerData: SqliteStart = { file: path, space };
  const worker = new Worker(new URL('./sqlite-thread-main.js', import.meta.url), { workerData, execArgv: [] });
  const opened = await new Promise<SqliteReply>((resolve, reject) => {
    worker.once('message', resolve);
    worker.once('error', reject);
  });
  if (opened.type === 'opened') return new ThreadedStore(path, opened.space, worker);
  await worker.terminate();
  throw opened.type === 'refused'
    ? IsovecError.fromJSON(opened.error)
    : new IsovecError('INTERNAL', 'The thread of a store answered before it was asked.');
}

interface Waiting {
  readonly resolve: (value: never) => void;
  readonly reject: (error: IsovecError) => void;
}

class ThreadedStore implements SqliteStore {
  readonly kind: string = 'sqlite';
  readonly file: string;
  readonly space: EmbeddingSpace;
  readonly #worker: Worker;
  readonly #waiting = new Map<number, Waiting>();
  #lastId = 0;
  #closing: Promise<void> | undefined;
  #lost: IsovecError | undefined;

  constructor(file: string, space: EmbeddingSpace, worker: Worker) {
    this.file = file;
    this.space = space;
    this.#worker = worker;
    worker.on('message', (reply: SqliteReply) => {
      this.#onReply(reply);
    });
    worker.on('error', (error) => {
      this.#onEnd(errorMessage(error));
    });
    worker.on('exit', () => {
      this.#onEnd('it ended');
    });
    worker.unref();
  }

  apply(change: StoreChange): Promise<void> {
    return this.#checked(() => {
      checkVectors(change, this.space.dimensions);
      return this.#call<undefined>('apply', change);
    });
  }

  get(ids: readonly string[]): Promise<readonly (MemoryRecord | undefined)[]> {
    return this.#call('get', ids);
  }

  vectors(ids: readonly string[]): Promise<readonly (Float32Array | undefined)[]> {
    return this.#call('vectors', ids);
  }

  search(
    query: Float32Array,
    { limit, filter = {} }: { readonly limit: number; readonly filter?: MemoryFilter },
  ): Promise<readonly FoundMemory[]> {
    return this.#checked(() => {
      checkQuery(query, this.space.dimensions);
      return this.#call<readonly FoundMemory[]>('search', query, limit, filter);
    });
  }

  list({
    filter = {},
    after = '',
    limit,
  }: {
    readonly filter?: MemoryFilter;
    readonly after?: string;
    readonly limit: number;
  }): Promise<readonly MemoryRecord[]> {
    return this.#call('list', filter, after, limit);
  }

  connections(ids: readonly string[]): Promise<readonly MemoryConnection[]> {
    return this.#call('connections', ids);
  }

  touch(ids: readonly string[], accessedAt: number): Promise<void> {
    return this.#call('touch', ids, accessedAt);
  }

  status(): Promise<StoreStatus> {
    return this.#call('status');
  }

  verify(): Promise<readonly StoreFault[]> {
    return this.#call('verify');
  }

  backup(target: string): Promise<void> {
    return this.#call('backup', resolvePath(target));
  }

  close(): Promise<void> {
    this.#closing ??= this.#end();
    return this.#closing;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  async #end(): Promise<void> {
    if (this.#lost !== undefined) return;
    const exit = new Promise<void>((resolve) => {
      this.#worker.once('exit', () => {
        resolve();
      });
    });
    await this.#send('close', []);
    await exit;
  }

  /** What throws in the call rejects. */
  #checked<T>(call: () => Promise<T>): Promise<T> {
    return new Promise((resolve) => {
      resolve(call());
    });
  }

  #call<T>(method: SqliteMethod, ...args: readonly unknown[]): Promise<T> {
    return this.#closing === undefined ? this.#send(method, args) : Promise.reject(storeClosed());
  }

  #send<T>(method: SqliteMethod, args: readonly unknown[]): Promise<T> {
    if (this.#lost !== undefined) return Promise.reject(this.#lost);
    const id = ++this.#lastId;
    return new Promise<T>((resolve, reject) => {
      this.#waiting.set(id, { resolve, reject });
      this.#worker.ref();
      const request: SqliteRequest = { id, method, args };
      this.#worker.postMessage(request);
    });
  }

  #onReply(reply: SqliteReply): void {
    if (reply.type !== 'done' && reply.type !== 'failed') return;
    const waiting = this.#waiting.get(reply.id);
    this.#waiting.delete(reply.id);
    // A process must not end while the file is being closed.
    if (this.#waiting.size === 0 && this.#closing === undefined) this.#worker.unref();
    if (reply.type === 'done') waiting?.resolve(reply.value as never);
    else waiting?.reject(IsovecError.fromJSON(reply.error));
  }

  #onEnd(reason: string): void {
    this.#lost ??= new IsovecError(
      'STORE_UNAVAILABLE',
      `The thread of ${this.file} is gone: ${reason}. Open it again.`,
    );
    for (const { reject } of this.#waiting.values()) reject(this.#lost);
    this.#waiting.clear();
  }
}
