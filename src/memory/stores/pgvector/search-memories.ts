import { cosine } from '../../../vector/index.js';
import type { MemoryFilter } from '../../memory-filter.js';
import { nearestFirst } from '../nearest-first.js';
import type { FoundMemory } from '../store.js';
import { filterSql } from './filter-sql.js';
import type { OpenedSchema, StoreNames } from './migrations.js';
import type { PostgresPool, SqlValue } from './postgres-pool.js';
import { recordOfRow, type RecordRow } from './record-rows.js';
import { EXACT_MEMORIES } from './vector-index.js';
import { vectorOfBytes, vectorText } from './vector-text.js';

/** Candidates of a walk: `npm run bench:memory -- --postgres ...` shows how many of the ten nearest are found among them. */
const CANDIDATES = 200;
/** The most that pgvector allows; beyond it, the scan goes on by itself. */
const MOST_CANDIDATES = 1000;

type FoundRow = RecordRow & { readonly vector: Uint8Array };

/** The most similar memories that meet a filter, best first, equal ones by id; exact up to {@link EXACT_MEMORIES} of them. */
export async function searchMemories(
  pool: PostgresPool,
  { names, isIndexed }: OpenedSchema,
  { query, limit, filter }: { readonly query: Float32Array; readonly limit: number; readonly filter: MemoryFilter },
): Promise<readonly FoundMemory[]> {
  const { where, parameters } = filterSql(filter, 2);
  const bound = [vectorText(query), limit, ...parameters];
  const exact = async (): Promise<readonly FoundRow[]> => await pool.query<FoundRow>(exactSql(names, where), bound);
  if (!isIndexed) return rank(await exact(), query);
  if (!(await areMany(pool, names, filter)))
    return rank(await pool.query<FoundRow>(fewSql(names, where), bound), query);
  const found = await throughIndex(pool, indexSql(names, where), bound, limit);
  // A walk ends before it has seen everything; where it found too few, the rest is found without it.
  return rank(found.length < limit ? await exact() : found, query);
}

async function areMany(pool: PostgresPool, { schema }: StoreNames, filter: MemoryFilter): Promise<boolean> {
  const { where, parameters } = filterSql(filter, 1);
  const [row] = await pool.query<{ count: string }>(
    `SELECT COUNT(*) AS count FROM (SELECT 1 FROM ${schema}.records WHERE ${where} LIMIT $1) AS meeting`,
    [EXACT_MEMORIES + 1, ...parameters],
  );
  return Number(row?.count) > EXACT_MEMORIES;
}

async function throughIndex(
  pool: PostgresPool,
  sql: string,
  bound: readonly SqlValue[],
  limit: number,
): Promise<FoundRow[]> {
  const candidates = Math.min(MOST_CANDIDATES, Math.max(CANDIDATES, 2 * limit));
  // For this transaction alone: the connection may be shared by a pooler.
  const begin = `BEGIN READ ONLY; SET LOCAL hnsw.ef_search = ${candidates}; SET LOCAL hnsw.iterative_scan = relaxed_order`;
  return await pool.transaction(begin, (run) => run<FoundRow>(sql, bound));
}

function exactSql(names: StoreNames, where: string): string {
  const { schema } = names;
  return `WITH ${nearestSql(names, `${schema}.records JOIN ${schema}.vectors ON record = number WHERE ${where}`)}`;
}

/**
 * As {@link exactSql}, for a filter that few memories meet. Finding them is a step of its own: where they are joined to vectors in the
 * same one, the server starts workers that read all records, which takes longer than all of this.
 */
function fewSql(names: StoreNames, where: string): string {
  const { schema } = names;
  return `
  WITH meeting AS MATERIALIZED (SELECT number, id FROM ${schema}.records WHERE ${where}),
  ${nearestSql(names, `meeting JOIN ${schema}.vectors ON record = number`)}`;
}

/** Distances are made in a step of their own, where no index can take part. No direction at all is as far as a right angle. */
function nearestSql(names: StoreNames, memories: string): string {
  const { extension } = names;
  return `scored AS MATERIALIZED (
    SELECT number, id,
      COALESCE(NULLIF(vectors.vector OPERATOR(${extension}.<=>) $1::${extension}.vector, 'NaN'), 1) AS distance
    FROM ${memories}
  ), nearest AS MATERIALIZED (SELECT number FROM scored ORDER BY distance, id LIMIT $2)
  ${foundSql(names)}`;
}

function indexSql({ schema, extension }: StoreNames, where: string): string {
  return `
  WITH nearest AS MATERIALIZED (
    SELECT vectors.record AS number FROM ${schema}.vectors JOIN ${schema}.records ON records.number = vectors.record
    WHERE ${where} ORDER BY vectors.vector OPERATOR(${extension}.<=>) $1::${extension}.vector LIMIT $2
  )
  ${foundSql({ schema, extension })}`;
}

function foundSql({ schema, extension }: StoreNames): string {
  return `SELECT records.*, ${extension}.vector_send(vectors.vector) AS vector
  FROM nearest JOIN ${schema}.records USING (number) JOIN ${schema}.vectors ON vectors.record = number`;
}

/** In float64, as every store does: the server adds float32. */
function rank(rows: readonly FoundRow[], query: Float32Array): readonly FoundMemory[] {
  return rows
    .map((row): FoundMemory => ({ record: recordOfRow(row), similarity: cosine(query, vectorOfBytes(row.vector)) }))
    .sort(nearestFirst);
}
