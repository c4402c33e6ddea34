import type { StoreNames } from './migrations.js';
import type { PostgresPool } from './postgres-pool.js';

/** Up to so many memories that meet a filter are all compared: exact, and no slower than a walk through the index. */
export const EXACT_MEMORIES = 5000;
const INDEX = 'vectors_by_cosine';
/** Of the graph: neighbours of a vector, and candidates while it is put in. */
const HNSW = 'm = 16, ef_construction = 128';

interface IndexState {
  readonly isThere: boolean;
  readonly isOwner: boolean;
  readonly count: string;
}

/**
 * Makes the index of the vectors, once there are {@link EXACT_MEMORIES} and more come: before, no search walks through it, and
 * putting each vector into it is most of what a load costs. Writers wait meanwhile. Whether the index is there: who does not own the
 * tables cannot make it, and leaves that to who does.
 */
export async function indexVectors(pool: PostgresPool, { schema, extension }: StoreNames): Promise<boolean> {
  const [state] = await pool.query<IndexState>(
    `SELECT to_regclass($1) IS NOT NULL AS "isThere",
       (SELECT pg_has_role(relowner, 'USAGE') FROM pg_class WHERE oid = $2::regclass) AS "isOwner",
       (SELECT COUNT(*) FROM (SELECT 1 FROM ${schema}.vectors LIMIT ${EXACT_MEMORIES}) AS present) AS count`,
    [`${schema}.${INDEX}`, `${schema}.vectors`],
  );
  if (state === undefined || state.isThere) return state !== undefined;
  if (!state.isOwner || Number(state.count) < EXACT_MEMORIES) return false;
  // It takes as long as it takes, once; limits of statements are for calls.
  await pool.transaction('BEGIN; SET LOCAL statement_timeout = 0', async (run) => {
    await run('SELECT pg_advisory_xact_lock(hashtextextended($1, 0))', [`isovec index of ${schema}`]);
    await run(
      `CREATE INDEX IF NOT EXISTS ${INDEX} ON ${schema}.vectors
       USING hnsw (vector ${extension}.vector_cosine_ops) WITH (${HNSW})`,
    );
  });
  return true;
}
