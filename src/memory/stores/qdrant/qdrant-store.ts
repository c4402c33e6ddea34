import { createHash } from 'node:crypto';
import type { QdrantClient } from '@qdrant/js-client-rest';
import { type EmbeddingSpace, spaceIdentity } from '../../../models/embedding-space.js';
import { type IsovecError, toIsovecError } from '../../../shared/isovec-error.js';
import { cosine } from '../../../vector/index.js';
import { meetsFilter } from '../../memory-filter.js';
import type { MemoryConnection, MemoryRecord } from '../../memory-record.js';
import { checkQuery, storeClosed } from '../check-change.js';
import { nearestFirst } from '../nearest-first.js';
import { searchDigest } from '../search-digest.js';
import { openSqliteStore, type SqliteStore } from '../sqlite/sqlite-store.js';
import type {
  FoundMemory,
  MemoryStore,
  StoreChange,
  StoreFault,
  StorePage,
  StoreSearch,
  StoreStatus,
} from '../store.js';
import { type Difference, differences, type Sides } from './compare-sides.js';
import { Delivery } from './delivery.js';
import { loadQdrant } from './load-qdrant.js';
import { pointId } from './memory-points.js';
import { Outbox } from './outbox.js';
import { checkCollectionName, parseQdrantUrl } from './qdrant-address.js';
import { type PointMark, QdrantCollection } from './qdrant-collection.js';

/** Options of {@link openQdrantStore}. */
export interface QdrantStoreOptions {
  /** Address of the server's HTTP interface, such as `http://127.0.0.1:6333`. */
  readonly url: string;
  readonly apiKey?: string;
  /** Beginning of the collection's name, which ends in a hash of the space; `isovec` by default. Several files may share one. */
  readonly collection?: string;
  /** The SQLite file of records, connections and vectors; it is made if a space is given and it is not there. */
  readonly file: string;
  /** That of the vectors; without it, the file must be there, and says its own. */
  readonly space?: EmbeddingSpace;
  /** Milliseconds that the server has for an answer; 30,000 by default. */
  readonly timeout?: number;
  /**
   * Hears why changes that are safely in the file have not reached the server; they are sent with the next call. Without it, a
   * warning of the process says so.
   */
  readonly onUndelivered?: (error: IsovecError) => void;
}

/** What {@link QdrantStore.reconcile} did. */
export interface ReconcileReport {
  /** Memories that the server lacked, or had otherwise. */
  readonly sent: number;
  /** Points that belonged to no memory. */
  readonly removed: number;
}

/** Memories in a SQLite file, found through a Qdrant server. */
export interface QdrantStore extends MemoryStore {
  readonly file: string;
  /** Name of the collection. */
  readonly collection: string;
  /** Makes the server hold exactly what the file holds. After a restored backup of either side. STORE_UNAVAILABLE. */
  reconcile(): Promise<ReconcileReport>;
  /** Writes a copy of the file as it is now to a path where nothing is yet. STORE_UNAVAILABLE. */
  backup(target: string): Promise<void>;
}

/** Near points that are compared exactly, for each one that is wanted, and beyond: what a graph or float32 may have put in a wrong order. */
const COMPARED_FOR_ONE = 2;
const COMPARED_BEYOND = 30;
/** Times that a search sends what it found to be out of date, and searches again; other processes may change more meanwhile. */
const ROUNDS = 3;
const HASH_DIGITS = 12;

/**
 * Opens memories in a SQLite file that a Qdrant server finds. Each change is in the file first, with a note of what the server lacks, in
 * one transaction; the server is told afterwards, and a search tells it everything before it asks. It needs the packages
 * libsql and @qdrant/js-client-rest: PACKAGE_MISSING. CONFIG_INVALID (address, name, key), STORE_UNAVAILABLE if the server is not
 * there, else as `openSqliteStore`.
 */
export async function openQdrantStore(options: QdrantStoreOptions): Promise<QdrantStore> {
  const { url, apiKey, collection: prefix = 'isovec', file, space, timeout = 30_000, onUndelivered = warn } = options;
  const address = parseQdrantUrl(url);
  checkCollectionName(prefix);
  const { QdrantClient: Client } = await loadQdrant();
  // As a header: the client would write to the console about keys on a private network.
  const headers = apiKey === undefined ? {} : { headers: { 'api-key': apiKey } };
  const client = new Client({ ...address, ...headers, timeout, checkCompatibility: false });
  const records = await openSqliteStore({ file, ...(space === undefined ? {} : { space }) });
  try {
    return await openWith(client, records, { url, prefix, onUndelivered });
  } catch (error) {
    await records.close();
    throw error;
  }
}

async function openWith(
  client: QdrantClient,
  records: SqliteStore,
  { url, prefix, onUndelivered }: Pick<Required<QdrantStoreOptions>, 'url' | 'onUndelivered'> & { prefix: string },
): Promise<QdrantStore> {
  const { space } = records;
  const hash = createHash('sha256').update(spaceIdentity(space)).digest('hex').slice(0, HASH_DIGITS);
  const name = `${prefix}_${hash}`;
  const place = `The collection ${name} at ${new URL(url).host}`;
  const collection = new QdrantCollection(client, { name, dimensions: space.dimensions, place });
  const isEmpty = !(await collection.exists());
  const outbox = await Outbox.open(records.file, space);
  try {
    // Before the collection is there: one that is made and not filled would look as if it were whole.
    const store = await outbox.attach({ target: `${new URL(url).origin} ${name}`, isEmpty });
    await collection.prepare();
    const delivery = new Delivery(outbox, collection, store);
    await delivery.all();
    return new FileWithQdrant({ records, collection, store }, { name, outbox, delivery, onUndelivered });
  } catch (error) {
    await outbox.close();
    throw error;
  }
}

interface Parts {
  readonly name: string;
  readonly outbox: Outbox;
  readonly delivery: Delivery;
  readonly onUndelivered: (error: IsovecError) => void;
}

class FileWithQdrant implements QdrantStore {
  readonly kind: string = 'qdrant';
  readonly space: EmbeddingSpace;
  readonly file: string;
  readonly collection: string;
  readonly #sides: Sides;
  readonly #records: SqliteStore;
  readonly #parts: Parts;
  #closing: Promise<void> | undefined;

  constructor(sides: Sides & { readonly records: SqliteStore }, parts: Parts) {
    this.#sides = sides;
    this.#records = sides.records;
    this.#parts = parts;
    this.space = sides.records.space;
    this.file = sides.records.file;
    this.collection = parts.name;
  }

  async apply(change: StoreChange): Promise<void> {
    await this.#records.apply(change);
    await this.#parts.delivery.all().catch((error: unknown) => {
      // The change is made and stays noted: to reject would make the caller repeat it.
      this.#parts.onUndelivered(toIsovecError(error));
    });
  }

  get(ids: readonly string[]): Promise<readonly (MemoryRecord | undefined)[]> {
    return this.#records.get(ids);
  }

  vectors(ids: readonly string[]): Promise<readonly (Float32Array | undefined)[]> {
    return this.#records.vectors(ids);
  }

  async search(query: Float32Array, options: StoreSearch): Promise<readonly FoundMemory[]> {
    this.#assertOpen();
    checkQuery(query, this.space.dimensions);
    for (let round = 1; ; round++) {
      await this.#parts.delivery.all();
      const { found, outdated } = await this.#found(query, options);
      if (outdated.length === 0 || round === ROUNDS) return found;
      await this.#parts.outbox.enqueue(outdated);
    }
  }

  list(page: StorePage): Promise<readonly MemoryRecord[]> {
    return this.#records.list(page);
  }

  connections(ids: readonly string[]): Promise<readonly MemoryConnection[]> {
    return this.#records.connections(ids);
  }

  touch(ids: readonly string[], accessedAt: number): Promise<void> {
    return this.#records.touch(ids, accessedAt);
  }

  async status(): Promise<StoreStatus> {
    return { ...(await this.#records.status()), undelivered: await this.#parts.outbox.pending() };
  }

  async verify(): Promise<readonly StoreFault[]> {
    const own = await this.#records.verify();
    await this.#parts.delivery.all();
    const differing = new Map<string, Difference>();
    for await (const difference of differences(this.#sides)) differing.set(difference.id, difference);
    if (differing.size === 0) return own;
    // What others have changed meanwhile is told to the server now, and no longer differs.
    await this.#parts.delivery.all();
    const faults: StoreFault[] = [...own];
    for await (const { id, fault } of differences(this.#sides)) if (differing.has(id)) faults.push({ id, fault });
    return faults;
  }

  async reconcile(): Promise<ReconcileReport> {
    this.#assertOpen();
    const { delivery, outbox } = this.#parts;
    await delivery.all();
    let [sent, removed] = [0, 0];
    for await (const { id, stray } of differences(this.#sides)) {
      if (stray === undefined) await outbox.enqueue([id]);
      else await this.#sides.collection.remove([stray]);
      const [record] = await this.#records.get([id]);
      if (stray === undefined && record !== undefined) sent++;
      else removed++;
    }
    await delivery.all();
    return { sent, removed };
  }

  backup(target: string): Promise<void> {
    return this.#records.backup(target);
  }

  close(): Promise<void> {
    this.#closing ??= this.#end();
    return this.#closing;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  async #end(): Promise<void> {
    await this.#parts.delivery.settled();
    await this.#parts.outbox.close();
    await this.#records.close();
  }

  #assertOpen(): void {
    if (this.#closing !== undefined) throw storeClosed();
  }

  /** What the server finds, as the file has it; and what of it the server has otherwise. */
  async #found(
    query: Float32Array,
    { limit, filter = {} }: StoreSearch,
  ): Promise<{ readonly found: FoundMemory[]; readonly outdated: string[] }> {
    const { collection, store } = this.#sides;
    const wanted = limit * COMPARED_FOR_ONE + COMPARED_BEYOND;
    const near = await collection.nearest(query, { store, limit: wanted, filter });
    const ids = near.map(({ id }) => id);
    const [records, vectors] = await Promise.all([this.#records.get(ids), this.#records.vectors(ids)]);
    const found: FoundMemory[] = [];
    const outdated: string[] = [];
    near.forEach(({ point, id, digest }: PointMark, at) => {
      // Another program's; verify() tells of it.
      if (point !== pointId(store, id)) return;
      const [record, vector] = [records[at], vectors[at]];
      const isThere = record !== undefined && vector !== undefined;
      if (digest !== searchDigest(isThere ? { record, vector } : undefined)) outdated.push(id);
      if (isThere && meetsFilter(record, filter)) found.push({ record, similarity: cosine(query, vector) });
    });
    found.sort(nearestFirst);
    return { found: found.slice(0, limit), outdated };
  }
}

function warn({ message }: IsovecError): void {
  process.emitWarning(`Changes are in the file and wait for Qdrant: ${message}`, { type: 'IsovecWarning' });
}
