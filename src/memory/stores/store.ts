import type { EmbeddingSpace } from '../../models/embedding-space.js';
import type { MemoryFilter } from '../memory-filter.js';
import type { MemoryConnection, MemoryRecord } from '../memory-record.js';

/** A memory with its vector. */
export interface StoredMemory {
  readonly record: MemoryRecord;
  /** float32 [dimensions of the store's space]. */
  readonly vector: Float32Array;
}

/** What a memory may be changed to without being embedded again. */
export type MemoryPatch = Partial<
  Pick<MemoryRecord, 'level' | 'kind' | 'importance' | 'strength' | 'tags' | 'metadata'>
>;

/** Changes that are made together, in the order of these fields: all of them, or none. */
export interface StoreChange {
  /** Ids that are removed, with their connections; those that are not there are no error. */
  readonly remove?: readonly string[];
  /** Memories that are put in the place of those of the same id, whose connections, accesses and first moment stay. */
  readonly put?: readonly StoredMemory[];
  /** Fields that are changed, each alone: two processes that change different fields lose neither. */
  readonly patch?: readonly { readonly id: string; readonly fields: MemoryPatch; readonly modifiedAt: number }[];
  /** Connections, in the place of those with the same ends and type. */
  readonly connect?: readonly MemoryConnection[];
  readonly disconnect?: readonly Pick<MemoryConnection, 'from' | 'to' | 'type'>[];
}

/** A memory that a search found. */
export interface FoundMemory {
  readonly record: MemoryRecord;
  /** Cosine of its vector with the query's. */
  readonly similarity: number;
}

/** What a store holds. */
export interface StoreStatus {
  readonly records: number;
  readonly connections: number;
  readonly byKind: Readonly<Record<MemoryRecord['kind'], number>>;
  readonly byLevel: readonly [concepts: number, contexts: number, episodes: number];
  /** Sources with how many memories each has. */
  readonly sources: readonly { readonly path: string; readonly type: string; readonly records: number }[];
  /** Bytes on disk; undefined where that is not known. */
  readonly bytes: number | undefined;
  /** Changes that a server beside the file has not been told of yet; absent where there is none. */
  readonly undelivered?: number;
}

/** Something that is wrong in a store. */
export interface StoreFault {
  /** Id of the memory; undefined if it is the store as a whole. */
  readonly id: string | undefined;
  readonly fault: string;
}

/** What a search is asked for. */
export interface StoreSearch {
  readonly limit: number;
  readonly filter?: MemoryFilter;
}

/** Which page of a list is asked for: the memories after an id. */
export interface StorePage {
  readonly filter?: MemoryFilter;
  readonly after?: string;
  readonly limit: number;
}

/**
 * Where memories are kept with their vectors and connections. Safe to call concurrently, and from several processes where it
 * is on disk. Every change is atomic and durable when it resolves. Rejects with an `IsovecError` alone: INPUT_INVALID (a vector of
 * other dimensions), NOT_FOUND (an id to patch or connect that is not there), STORE_UNAVAILABLE, STORAGE_FULL, CLOSED.
 * `test/contract/store-contract.ts` is the same in code.
 */
export interface MemoryStore extends AsyncDisposable {
  /** 'memory', 'sqlite', ... */
  readonly kind: string;
  /** That of every vector in it; opening it with another is SPACE_MISMATCH. */
  readonly space: EmbeddingSpace;
  apply(change: StoreChange): Promise<void>;
  /** Memories by id, undefined for those that are not there. */
  get(ids: readonly string[]): Promise<readonly (MemoryRecord | undefined)[]>;
  /** Vectors by id, undefined for those that are not there. */
  vectors(ids: readonly string[]): Promise<readonly (Float32Array | undefined)[]>;
  /** The most similar memories that meet a filter, best first, equal ones by id. */
  search(query: Float32Array, options: StoreSearch): Promise<readonly FoundMemory[]>;
  /** Memories that meet a filter, by id, in pages: those after an id. */
  list(options: StorePage): Promise<readonly MemoryRecord[]>;
  /** Connections that begin or end at some memories. */
  connections(ids: readonly string[]): Promise<readonly MemoryConnection[]>;
  /** Counts one more access of each memory; those that are not there are no error. */
  touch(ids: readonly string[], accessedAt: number): Promise<void>;
  status(): Promise<StoreStatus>;
  /** Looks for damage: memories without vector, vectors without memory, contents that are not what was written. */
  verify(): Promise<readonly StoreFault[]>;
  /** Idempotent. */
  close(): Promise<void>;
}
