import type { MemoryConnection } from '../../memory-record.js';
import { unknownMemory } from '../check-change.js';
import type { StoreChange, StoredMemory } from '../store.js';
import type { StoreNames } from './migrations.js';
import type { RunSql } from './postgres-pool.js';
import { CONNECTION_COLUMNS, jsonOfConnections, jsonOfMemories, MEMORY_COLUMNS } from './record-rows.js';

/** Memories of one statement: a few megabytes of vectors. */
const PUT_TOGETHER = 500;

/** Locks that changes share out among all ids: few enough for the server's table, many enough that small changes seldom meet. */
const LOCKS = 64;

/**
 * Makes a change inside a transaction. NOT_FOUND. What it concerns is locked first and in one order, so that two changes wait for each
 * other and never both: ids, which may have no row yet, by advisory locks, then rows, which `touch` locks, too.
 */
export async function applyChange(run: RunSql, names: StoreNames, change: StoreChange): Promise<void> {
  const { remove = [], put = [], patch = [], connect = [], disconnect = [] } = change;
  const { schema } = names;
  const ids = new Set([
    ...remove,
    ...put.map(({ record }) => record.id),
    ...patch.map(({ id }) => id),
    ...[...connect, ...disconnect].flatMap(({ from, to }) => [from, to]),
  ]);
  if (ids.size === 0) return;
  await run(
    `SELECT pg_advisory_xact_lock(hashtext($1), number) FROM (
       SELECT DISTINCT hashtext(id) & ${LOCKS - 1} AS number FROM unnest($2::text[]) AS id ORDER BY number
     ) AS locks`,
    [`isovec changes of ${schema}`, [...ids]],
  );
  await run(`SELECT 1 FROM ${schema}.records WHERE id = ANY($1::text[]) ORDER BY id FOR UPDATE`, [[...ids]]);
  if (remove.length > 0) await run(`DELETE FROM ${schema}.records WHERE id = ANY($1::text[])`, [remove]);
  const memories = lastOfEach(put);
  for (let begin = 0; begin < memories.length; begin += PUT_TOGETHER) {
    await run(putSql(names), [jsonOfMemories(memories.slice(begin, begin + PUT_TOGETHER))]);
  }
  for (const { id, fields, modifiedAt } of patch) {
    const { level, kind, importance, strength, tags, metadata } = fields;
    const parameters = [level, kind, importance, strength, tags, metadata && JSON.stringify(metadata)];
    const patched = await run(patchSql(schema), [id, modifiedAt, ...parameters.map((value) => value ?? null)]);
    if (patched.length === 0) throw unknownMemory(id);
  }
  if (connect.length > 0) await connectAll(run, schema, connect);
  for (const { from, to, type } of disconnect) {
    await run(
      `DELETE FROM ${schema}.connections WHERE type = $1
       AND source = (SELECT number FROM ${schema}.records WHERE id = $2)
       AND target = (SELECT number FROM ${schema}.records WHERE id = $3)`,
      [type, from, to],
    );
  }
}

/** Each memory once: the last of those with one id, with the accesses and the first moment of the first, in the order of their ids. */
function lastOfEach(put: readonly StoredMemory[]): readonly StoredMemory[] {
  const last = new Map<string, StoredMemory>();
  for (const { record, vector } of put) {
    const { accessCount, accessedAt, createdAt } = last.get(record.id)?.record ?? record;
    last.set(record.id, { record: { ...record, accessCount, accessedAt, createdAt }, vector });
  }
  return [...last.values()].sort((a, b) => (a.record.id < b.record.id ? -1 : 1));
}

/** Puts records and their vectors; a record that is there keeps its number, its accesses and its first moment. */
function putSql({ schema, extension }: StoreNames): string {
  return `
  WITH input AS MATERIALIZED (SELECT * FROM json_to_recordset($1::json) AS input (${MEMORY_COLUMNS})),
  put AS (
    INSERT INTO ${schema}.records (id, content, level, kind, importance, strength, access_count, tags, source_path, source_type,
      parent_id, created_at, modified_at, source_at, accessed_at, metadata, dimensions, checksum)
    SELECT id, content, level, kind, importance, strength, access_count, tags, source_path, source_type,
      parent_id, created_at, modified_at, source_at, accessed_at, metadata, dimensions, decode(checksum, 'hex')
    FROM input
    ON CONFLICT (id) DO UPDATE SET content = excluded.content, level = excluded.level, kind = excluded.kind,
      importance = excluded.importance, strength = excluded.strength, tags = excluded.tags,
      source_path = excluded.source_path, source_type = excluded.source_type, parent_id = excluded.parent_id,
      modified_at = excluded.modified_at, source_at = excluded.source_at, metadata = excluded.metadata,
      dimensions = excluded.dimensions, checksum = excluded.checksum
    RETURNING number, id
  )
  INSERT INTO ${schema}.vectors (record, vector, checksum)
  SELECT put.number, input.vector::${extension}.vector, decode(input.vector_checksum, 'hex') FROM put JOIN input ON input.id = put.id
  ON CONFLICT (record) DO UPDATE SET vector = excluded.vector, checksum = excluded.checksum`;
}

/** Each field alone, so that two processes that change different fields lose neither. */
function patchSql(schema: string): string {
  return `
  UPDATE ${schema}.records SET modified_at = $2::bigint, level = COALESCE($3::smallint, level), kind = COALESCE($4::text, kind),
    importance = COALESCE($5::float8, importance), strength = COALESCE($6::float8, strength),
    tags = COALESCE($7::text[], tags), metadata = COALESCE($8::json, metadata)
  WHERE id = $1 RETURNING 1`;
}

async function connectAll(run: RunSql, schema: string, connect: readonly MemoryConnection[]): Promise<void> {
  const ends = connect.flatMap(({ from, to }) => [from, to]);
  const [missing] = await run<{ id: string }>(
    `SELECT id FROM unnest($1::text[]) WITH ORDINALITY AS ends (id, place)
     WHERE NOT EXISTS (SELECT 1 FROM ${schema}.records WHERE records.id = ends.id) ORDER BY place LIMIT 1`,
    [ends],
  );
  if (missing !== undefined) throw unknownMemory(missing.id);
  const last = new Map(connect.map((one) => [JSON.stringify([one.from, one.to, one.type]), one]));
  await run(
    `INSERT INTO ${schema}.connections (source, target, type, weight, bidirectional, created_at)
     SELECT a.number, b.number, input.type, input.weight, input.bidirectional, input.created_at
     FROM json_to_recordset($1::json) AS input (${CONNECTION_COLUMNS})
     JOIN ${schema}.records AS a ON a.id = from_id JOIN ${schema}.records AS b ON b.id = to_id
     ON CONFLICT (source, target, type) DO UPDATE
     SET weight = excluded.weight, bidirectional = excluded.bidirectional, created_at = excluded.created_at`,
    [jsonOfConnections([...last.values()])],
  );
}
