import { existsSync } from 'node:fs';
import { mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';

import { createInMemoryStore } from '#src/memory/stores/in-memory-store.js';
import { openPgvectorStore } from '#src/memory/stores/pgvector/pgvector-store.js';
import { openSqliteStore } from '#src/memory/stores/sqlite/sqlite-store.js';

import { FIXTURE_SCHEMA, fillFixture, fixtureEncoder, fixtureName, FIXTURES, HELD } from './fixture-memories.js';
import { findPostgres } from './find-postgres.js';
import { PostgresServer } from './postgres-server.js';
import { everything } from './random-changes.js';
import { sqliteVersion } from './sqlite-version.js';

// Writes stores of the present version into test/fixtures/memory, where there are none of it yet: see the README.md there.

const { space } = fixtureEncoder();

async function put(name: string, make: (file: string) => Promise<unknown>): Promise<void> {
  const target = path.join(FIXTURES, name);
  if (existsSync(target)) {
    process.stdout.write(`${name} is there\n`);
    return;
  }
  await make(target);
  process.stdout.write(`${name} is written\n`);
}

await put(HELD, async (file) => {
  const store = createInMemoryStore(space);
  await fillFixture(store);
  await writeFile(file, `${await everything(store)}\n`);
});

const folder = await mkdtemp(path.join(tmpdir(), 'isovec-fixtures-'));
const made = path.join(folder, 'memory.db');
const sqlite = await openSqliteStore({ file: made, space });
await fillFixture(sqlite);
await sqlite.close();
await put(fixtureName('sqlite', sqliteVersion(made)), (file) => rename(made, file));
await rm(folder, { recursive: true });

const programs = findPostgres();
if (programs === undefined)
  throw new Error('There is no PostgreSQL with pgvector here; `npm run test:stores` brings one.');
const server = await PostgresServer.create(programs);
try {
  const store = await openPgvectorStore({ connectionString: server.url(), schema: FIXTURE_SCHEMA, space });
  await fillFixture(store);
  await store.close();
  const [row] = await server.ask(`SELECT version FROM ${FIXTURE_SCHEMA}.isovec_schema`);
  await put(fixtureName('pgvector', Number(row?.['version'])), async (file) => {
    await writeFile(file, await server.dump(FIXTURE_SCHEMA));
  });
} finally {
  await server.remove();
}
