import type { EmbeddingSpace } from '../../../models/embedding-space.js';
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
import { applyChange } from './apply-change.js';
import { filterSql } from './filter-sql.js';
import { type OpenedSchema, openSchema } from './migrations.js';
import { type PostgresConnection, PostgresPool } from './postgres-pool.js';
import { connectionOfRow, type ConnectionRow, recordOfRow, type RecordRow } from './record-rows.js';
import { readStatus } from './read-status.js';
import { quotedSchema } from './schema-name.js';
import { searchMemories } from './search-memories.js';
import { indexVectors } from './vector-index.js';
import { vectorOfBytes } from './vector-text.js';
import { verifyStore } from './verify-store.js';

/** Options of {@link openPgvectorStore}. */
export interface PgvectorStoreOptions extends PostgresConnection {
  /** The schema that holds the store's tables, and nothing else; `isovec` by default. Each is a store of its own. */
  readonly schema?: string;
  /** That of the vectors; without it, the schema must be there, and says its own. */
  readonly space?: EmbeddingSpace;
}

/**
 * Opens memories in a schema of a PostgreSQL database with the extension pgvector, and makes the schema if a space is given and it
 * is not there. It needs the package pg. PACKAGE_MISSING (pg, or the extension), SPACE_MISMATCH for a schema with vectors of
 * another space, NOT_FOUND without a space for one that is not there, CONFIG_INVALID (the name, who connects),
 * FORMAT_INVALID for a schema of another program or of a later version, STORE_UNAVAILABLE.
 */
export async function openPgvectorStore(options: PgvectorStoreOptions): Promise<MemoryStore> {
  const { schema = 'isovec', space, ...connection } = options;
  quotedSchema(schema);
  const pool = await PostgresPool.create(connection);
  try {
    return new PgvectorStore(pool, await openSchema(pool, schema, space));
  } catch (error) {
    await pool.close();
    throw error;
  }
}

class PgvectorStore implements MemoryStore {
  readonly kind: string = 'pgvector';
  readonly space: EmbeddingSpace;
  readonly #pool: PostgresPool;
  readonly #opened: OpenedSchema;
  /** Whether there is nothing left to do for the index. */
  #isIndexDone: boolean;

  constructor(pool: PostgresPool, opened: OpenedSchema) {
    this.#pool = pool;
    this.#opened = opened;
    this.space = opened.space;
    this.#isIndexDone = !opened.isIndexed;
  }

  async apply(change: StoreChange): Promise<void> {
    checkVectors(change, this.space.dimensions);
    // Before the change: what is wrong with the index must not be told of a change that is made.
    if (!this.#isIndexDone && change.put !== undefined) {
      this.#isIndexDone = await indexVectors(this.#pool, this.#opened.names);
    }
    await this.#pool.transaction('BEGIN ISOLATION LEVEL READ COMMITTED', (run) =>
      applyChange(run, this.#opened.names, change),
    );
  }

  async get(ids: readonly string[]): Promise<readonly (MemoryRecord | undefined)[]> {
    const rows = await this.#pool.query<RecordRow>(`SELECT * FROM ${this.#schema}.records WHERE id = ANY($1::text[])`, [
      ids,
    ]);
    const found = new Map(rows.map((row) => [row.id, recordOfRow(row)]));
    return ids.map((id) => found.get(id));
  }

  async vectors(ids: readonly string[]): Promise<readonly (Float32Array | undefined)[]> {
    const rows = await this.#pool.query<{ readonly id: string; readonly vector: Uint8Array }>(
      `SELECT id, ${this.#opened.names.extension}.vector_send(vector) AS vector
       FROM ${this.#schema}.records JOIN ${this.#schema}.vectors ON record = number WHERE id = ANY($1::text[])`,
      [ids],
    );
    const found = new Map(rows.map(({ id, vector }) => [id, vectorOfBytes(vector)]));
    return ids.map((id) => found.get(id));
  }

  async search(query: Float32Array, { limit, filter = {} }: StoreSearch): Promise<readonly FoundMemory[]> {
    checkQuery(query, this.space.dimensions);
    return await searchMemories(this.#pool, this.#opened, { query, limit, filter });
  }

  async list({ filter = {}, after = '', limit }: StorePage): Promise<readonly MemoryRecord[]> {
    const { where, parameters } = filterSql(filter, 2);
    const rows = await this.#pool.query<RecordRow>(
      `SELECT * FROM ${this.#schema}.records WHERE id > $1 AND ${where} ORDER BY id LIMIT $2`,
      [after, limit, ...parameters],
    );
    return rows.map(recordOfRow);
  }

  async connections(ids: readonly string[]): Promise<readonly MemoryConnection[]> {
    const rows = await this.#pool.query<ConnectionRow>(
      `WITH ends AS MATERIALIZED (SELECT number FROM ${this.#schema}.records WHERE id = ANY($1::text[]))
       SELECT a.id AS from_id, b.id AS to_id, type, weight, bidirectional, links.created_at
       FROM ${this.#schema}.connections AS links
       JOIN ${this.#schema}.records AS a ON a.number = source JOIN ${this.#schema}.records AS b ON b.number = target
       WHERE source IN (SELECT number FROM ends) OR target IN (SELECT number FROM ends)`,
      [ids],
    );
    return rows.map(connectionOfRow);
  }

  async touch(ids: readonly string[], accessedAt: number): Promise<void> {
    // Locked in the order of their ids, as by changes.
    await this.#pool.query(
      `WITH touched AS MATERIALIZED (
         SELECT number FROM ${this.#schema}.records WHERE id = ANY($1::text[]) ORDER BY id FOR UPDATE
       )
       UPDATE ${this.#schema}.records SET access_count = access_count + 1,
         accessed_at = GREATEST(accessed_at, $2::bigint)
       WHERE number IN (SELECT number FROM touched)`,
      [ids, accessedAt],
    );
  }

  status(): Promise<StoreStatus> {
    return this.#pool.transaction('BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY', (run) =>
      readStatus(run, this.#schema),
    );
  }

  verify(): Promise<readonly StoreFault[]> {
    return this.#pool.transaction('BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY', (run) =>
      verifyStore(run, this.#opened.names),
    );
  }

  close(): Promise<void> {
    return this.#pool.close();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  get #schema(): string {
    return this.#opened.names.schema;
  }
}
