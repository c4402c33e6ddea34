import {
  describeSpace,
  type EmbeddingSpace,
  isSameSpace,
  parseEmbeddingSpace,
  spaceIdentity,
} from '../../../models/embedding-space.js';
import { IsovecError } from '../../../shared/isovec-error.js';
import type { PostgresPool, RunSql } from './postgres-pool.js';
import { quoted, quotedSchema } from './schema-name.js';

/** Vectors of more dimensions cannot have an HNSW index in pgvector. */
const INDEXED_DIMENSIONS = 2000;
/** The first pgvector with iterative scans, which filtered searches need. */
const LEAST_PGVECTOR = [0, 8];

/** Names as they are written in statements. */
export interface StoreNames {
  /** Of the store's tables. */
  readonly schema: string;
  /** Of the schema that the extension was put into. */
  readonly extension: string;
}

/** Steps from each version of the schema to the next; `version` says how many a schema has been through. */
const MIGRATIONS: readonly ((names: StoreNames, space: EmbeddingSpace) => string)[] = [
  ({ schema, extension }, { dimensions }) => `
  CREATE TABLE ${schema}.spaces (
    is_current boolean PRIMARY KEY DEFAULT true CHECK (is_current),
    fingerprint text NOT NULL,
    space json NOT NULL
  );
  CREATE TABLE ${schema}.records (
    number bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    id text COLLATE "C" NOT NULL UNIQUE,
    content text NOT NULL,
    level smallint NOT NULL,
    kind text NOT NULL,
    importance float8 NOT NULL,
    strength float8 NOT NULL,
    access_count bigint NOT NULL,
    tags text[] NOT NULL,
    source_path text,
    source_type text,
    parent_id text,
    created_at bigint NOT NULL,
    modified_at bigint NOT NULL,
    source_at bigint,
    accessed_at bigint,
    moment bigint NOT NULL GENERATED ALWAYS AS (COALESCE(source_at, created_at)) STORED,
    metadata json NOT NULL,
    dimensions jsonb NOT NULL,
    checksum bytea NOT NULL
  );
  CREATE INDEX records_by_tag ON ${schema}.records USING gin (tags);
  CREATE INDEX records_by_source ON ${schema}.records (source_path);
  CREATE INDEX records_by_moment ON ${schema}.records (moment);
  CREATE TABLE ${schema}.connections (
    source bigint NOT NULL REFERENCES ${schema}.records (number) ON DELETE CASCADE,
    target bigint NOT NULL REFERENCES ${schema}.records (number) ON DELETE CASCADE,
    type text NOT NULL,
    weight float8 NOT NULL,
    bidirectional boolean NOT NULL,
    created_at bigint NOT NULL,
    PRIMARY KEY (source, target, type)
  );
  CREATE INDEX connections_by_target ON ${schema}.connections (target);
  CREATE TABLE ${schema}.vectors (
    record bigint PRIMARY KEY REFERENCES ${schema}.records (number) ON DELETE CASCADE,
    vector ${extension}.vector(${dimensions}) NOT NULL,
    checksum bytea NOT NULL
  );
  `,
];

/** The version that this program writes. */
const SCHEMA_VERSION: number = MIGRATIONS.length;

/** What a schema was opened with. */
export interface OpenedSchema {
  readonly names: StoreNames;
  /** That of the vectors in it. */
  readonly space: EmbeddingSpace;
  /** Whether its vectors get an index when they are many, so that they are not all compared. */
  readonly isIndexed: boolean;
}

/**
 * Brings a schema to {@link SCHEMA_VERSION} in one transaction, one process at a time; makes it if a space is given and it is not there.
 * PACKAGE_MISSING without the extension, NOT_FOUND, SPACE_MISMATCH, FORMAT_INVALID for a schema of another program or of a
 * later version, CONFIG_INVALID for a database that cannot hold all texts.
 */
export async function openSchema(
  pool: PostgresPool,
  schema: string,
  space: EmbeddingSpace | undefined,
): Promise<OpenedSchema> {
  const place = `The schema ${schema} of ${pool.place}`;
  return await pool.transaction('BEGIN', async (run) => {
    await run(`SELECT pg_advisory_xact_lock(hashtextextended('isovec ' || $1, 0))`, [schema]);
    await assertUnicode(run, pool.place);
    const names = { schema: quotedSchema(schema), extension: await extensionSchema(run, pool.place) };
    const version = await versionOf(run, schema, place);
    if (version > SCHEMA_VERSION) {
      throw new IsovecError(
        'FORMAT_INVALID',
        `${place} was written by a later version of isovec (schema ${version}; this one reads up to ${SCHEMA_VERSION}). Update isovec.`,
        { data: { schema, version } },
      );
    }
    if (version === 0 && space === undefined) {
      throw new IsovecError('NOT_FOUND', `${place} holds no memories yet; remember something first.`, {
        data: { schema },
      });
    }
    const kept = version === 0 ? space : await keptSpace(run, names, place);
    if (kept === undefined) throw new IsovecError('INTERNAL', 'A schema was made without a space.');
    if (space !== undefined && !isSameSpace(kept, space)) throw otherSpace(place, kept, space);
    if (version === 0) {
      await run(`CREATE SCHEMA IF NOT EXISTS ${names.schema}`);
      await run(`CREATE TABLE ${names.schema}.isovec_schema (version int NOT NULL)`);
      await run(`INSERT INTO ${names.schema}.isovec_schema VALUES (0)`);
    }
    for (const step of MIGRATIONS.slice(version)) await run(step(names, kept));
    if (version === 0) {
      await run(`INSERT INTO ${names.schema}.spaces (fingerprint, space) VALUES ($1, $2)`, [
        kept.fingerprint,
        JSON.stringify(kept),
      ]);
    }
    if (version < SCHEMA_VERSION) await run(`UPDATE ${names.schema}.isovec_schema SET version = $1`, [SCHEMA_VERSION]);
    return { names, space: kept, isIndexed: kept.dimensions <= INDEXED_DIMENSIONS };
  });
}

async function assertUnicode(run: RunSql, place: string): Promise<void> {
  const [row] = await run<{ server_encoding: string }>('SHOW server_encoding');
  if (row?.server_encoding === 'UTF8') return;
  throw new IsovecError(
    'CONFIG_INVALID',
    `${place} keeps texts as ${row?.server_encoding ?? 'unknown'}; memories need a database with ENCODING 'UTF8'.`,
  );
}

/** The schema of the extension, which may be any. */
async function extensionSchema(run: RunSql, place: string): Promise<string> {
  const [row] = await run<{ version: string; schema: string }>(
    `SELECT extversion AS version, nspname AS schema FROM pg_extension
     JOIN pg_namespace ON pg_namespace.oid = extnamespace WHERE extname = 'vector'`,
  );
  const wayOut =
    'by a superuser, or by the owner of the database where the extension is trusted, as with most hosts; the server needs the package pgvector';
  if (row === undefined) {
    throw new IsovecError(
      'PACKAGE_MISSING',
      `${place} lacks the extension vector. Run CREATE EXTENSION vector in that database: ${wayOut}.`,
      { data: { package: 'vector' } },
    );
  }
  const [major = 0, minor = 0] = row.version.split('.').map(Number);
  const [leastMajor = 0, leastMinor = 0] = LEAST_PGVECTOR;
  if (major < leastMajor || (major === leastMajor && minor < leastMinor)) {
    throw new IsovecError(
      'PACKAGE_MISSING',
      `${place} has pgvector ${row.version}, and ${LEAST_PGVECTOR.join('.')} is needed. Run ALTER EXTENSION vector UPDATE in that database: ${wayOut}.`,
      { data: { package: 'vector', version: row.version } },
    );
  }
  return quoted(row.schema);
}

/** How many steps a schema has been through; 0 for one that is not there or empty. */
async function versionOf(run: RunSql, schema: string, place: string): Promise<number> {
  const tables = await run<{ name: string }>('SELECT tablename AS name FROM pg_tables WHERE schemaname = $1', [schema]);
  if (tables.length === 0) return 0;
  if (!tables.some(({ name }) => name === 'isovec_schema')) {
    throw new IsovecError('FORMAT_INVALID', `${place} is one of another program; name another schema.`, {
      data: { schema },
    });
  }
  const [row] = await run<{ version: number }>(`SELECT version FROM ${quotedSchema(schema)}.isovec_schema`);
  return row?.version ?? 0;
}

async function keptSpace(run: RunSql, { schema }: StoreNames, place: string): Promise<EmbeddingSpace> {
  const [row] = await run<{ space: unknown }>(`SELECT space FROM ${schema}.spaces`);
  return parseEmbeddingSpace(row?.space, place);
}

function otherSpace(place: string, kept: EmbeddingSpace, space: EmbeddingSpace): IsovecError {
  return new IsovecError(
    'SPACE_MISMATCH',
    `${place} holds vectors of ${describeSpace(kept)}, and those wanted are of ${describeSpace(space)}. Open it with the model and the fusion weights that it was made with, or export its memories and import them into another schema, which gives them new vectors.`,
    { data: { store: spaceIdentity(kept), wanted: spaceIdentity(space) } },
  );
}
