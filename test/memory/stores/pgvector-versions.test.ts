import { readFile } from 'node:fs/promises';
import path from 'node:path';

import { openPgvectorStore } from '#src/memory/stores/pgvector/pgvector-store.js';
import { expect, it } from 'vitest';

import { STORE_SPACE } from '../../contract/store-contract.js';
import { checkEarlierStore } from './support/check-earlier-store.js';
import { FIXTURE_SCHEMA, fixtureName, FIXTURES, fixtureVersions } from './support/fixture-memories.js';
import { describeWithPostgres, newSchema } from './support/with-postgres.js';

describeWithPostgres('schemas of PostgreSQL of every version', (server) => {
  it('are there, up to the present one', async () => {
    const schema = newSchema();
    await (await openPgvectorStore({ connectionString: server().url(), schema, space: STORE_SPACE })).close();
    const [row] = await server().ask(`SELECT version FROM ${schema}.isovec_schema`);
    expect(fixtureVersions('pgvector')).toEqual(Array.from({ length: Number(row?.['version']) }, (_, at) => at + 1));
  });

  it.each(fixtureVersions('pgvector'))(
    'of version %i are restored, opened, recalled from, changed and found whole',
    async (version) => {
      const database = `version_${version}`;
      await server().ask(`CREATE DATABASE ${database}`);
      await server().ask('CREATE EXTENSION vector', database);
      await server().ask(await readFile(path.join(FIXTURES, fixtureName('pgvector', version)), 'utf8'), database);
      const store = await openPgvectorStore({ connectionString: server().url(database), schema: FIXTURE_SCHEMA });
      await checkEarlierStore(store);
      await store.close();
    },
  );
});
