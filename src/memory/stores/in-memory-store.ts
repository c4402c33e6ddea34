import type { EmbeddingSpace } from '../../models/embedding-space.js';
import { nearestFirst } from './nearest-first.js';
import { cosine } from '../../vector/index.js';
import { meetsFilter } from '../memory-filter.js';
import type { MemoryConnection, MemoryRecord } from '../memory-record.js';
import { checkQuery, checkVectors, storeClosed, unknownMemory } from './check-change.js';
import type {
  FoundMemory,
  MemoryStore,
  StoreChange,
  StoredMemory,
  StoreFault,
  StorePage,
  StoreSearch,
  StoreStatus,
} from './store.js';
import { statusOf } from './store-status.js';

/** A store in the memory of this process: the reference for the others. Everything is gone when it is closed. */
export function createInMemoryStore(space: EmbeddingSpace): MemoryStore {
  return new InMemoryStore(space);
}

class InMemoryStore implements MemoryStore {
  readonly kind: string = 'memory';
  readonly space: EmbeddingSpace;
  #memories = new Map<string, StoredMemory>();
  #connections = new Map<string, MemoryConnection>();
  #closed = false;

  constructor(space: EmbeddingSpace) {
    this.space = space;
  }

  apply(change: StoreChange): Promise<void> {
    return this.#attempt(() => {
      this.#apply(change);
    });
  }

  get(ids: readonly string[]): Promise<readonly (MemoryRecord | undefined)[]> {
    return this.#attempt(() => ids.map((id) => this.#memories.get(id)?.record));
  }

  vectors(ids: readonly string[]): Promise<readonly (Float32Array | undefined)[]> {
    return this.#attempt(() => ids.map((id) => this.#memories.get(id)?.vector.slice()));
  }

  search(query: Float32Array, { limit, filter = {} }: StoreSearch): Promise<readonly FoundMemory[]> {
    return this.#attempt(() => {
      checkQuery(query, this.space.dimensions);
      return [...this.#memories.values()]
        .filter(({ record }) => meetsFilter(record, filter))
        .map(({ record, vector }): FoundMemory => ({ record, similarity: cosine(query, vector) }))
        .sort(nearestFirst)
        .slice(0, limit);
    });
  }

  list({ filter = {}, after = '', limit }: StorePage): Promise<readonly MemoryRecord[]> {
    return this.#attempt(() =>
      [...this.#memories.values()]
        .map(({ record }) => record)
        .filter((record) => record.id > after && meetsFilter(record, filter))
        .sort((a, b) => (a.id < b.id ? -1 : 1))
        .slice(0, limit),
    );
  }

  connections(ids: readonly string[]): Promise<readonly MemoryConnection[]> {
    const wanted = new Set(ids);
    return this.#attempt(() =>
      [...this.#connections.values()].filter(({ from, to }) => wanted.has(from) || wanted.has(to)),
    );
  }

  touch(ids: readonly string[], accessedAt: number): Promise<void> {
    return this.#attempt(() => {
      for (const id of new Set(ids)) {
        const found = this.#memories.get(id);
        if (found === undefined) continue;
        const { record, vector } = found;
        const accessed = { ...record, accessCount: record.accessCount + 1, accessedAt };
        this.#memories.set(id, { record: accessed, vector });
      }
    });
  }

  status(): Promise<StoreStatus> {
    return this.#attempt(() =>
      statusOf(
        [...this.#memories.values()].map(({ record }) => record),
        this.#connections.size,
      ),
    );
  }

  verify(): Promise<readonly StoreFault[]> {
    return this.#attempt(() => []);
  }

  close(): Promise<void> {
    this.#closed = true;
    this.#memories.clear();
    this.#connections.clear();
    return Promise.resolve();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  #attempt<T>(work: () => T): Promise<T> {
    return new Promise((resolve) => {
      if (this.#closed) throw storeClosed();
      resolve(work());
    });
  }

  #apply(change: StoreChange): void {
    checkVectors(change, this.space.dimensions);
    // Made aside, so that a change that fails in the middle leaves nothing.
    const memories = new Map(this.#memories);
    const connections = new Map(this.#connections);
    for (const id of change.remove ?? []) {
      memories.delete(id);
      for (const [key, { from, to }] of connections) if (from === id || to === id) connections.delete(key);
    }
    for (const { record, vector } of change.put ?? []) {
      const replaced = memories.get(record.id)?.record;
      const { accessCount, accessedAt, createdAt } = replaced ?? record;
      memories.set(record.id, { record: { ...record, accessCount, accessedAt, createdAt }, vector: vector.slice() });
    }
    for (const { id, fields, modifiedAt } of change.patch ?? []) {
      const found = memories.get(id);
      if (found === undefined) throw unknownMemory(id);
      memories.set(id, { ...found, record: { ...found.record, ...fields, modifiedAt } });
    }
    for (const connection of change.connect ?? []) {
      for (const id of [connection.from, connection.to]) if (!memories.has(id)) throw unknownMemory(id);
      connections.set(keyOf(connection), connection);
    }
    for (const connection of change.disconnect ?? []) connections.delete(keyOf(connection));
    this.#memories = memories;
    this.#connections = connections;
  }
}

function keyOf({ from, to, type }: Pick<MemoryConnection, 'from' | 'to' | 'type'>): string {
  return JSON.stringify([from, to, type]);
}
