import { openPgvectorStore, type PgvectorStoreOptions } from '#src/memory/stores/pgvector/pgvector-store.js';
import type { MemoryStore } from '#src/memory/stores/store.js';
import { declaredSpace } from '#src/models/embedding-space.js';
import { cosine } from '#src/vector/index.js';
import { expect, it, onTestFinished } from 'vitest';

import { memoryNumber, STORE_SPACE, vectorNumber } from '../../contract/store-contract.js';
import { failure } from '../../engine/support/tiny-model.js';
import { PASSWORD } from './support/postgres-server.js';
import { describeWithPostgres, newSchema } from './support/with-postgres.js';

describeWithPostgres('a PostgreSQL store', (server) => {
  const open = async (options: PgvectorStoreOptions = {}): Promise<MemoryStore> => {
    const store = await openPgvectorStore({ connectionString: server().url(), space: STORE_SPACE, ...options });
    onTestFinished(() => store.close());
    return store;
  };

  const isIndexed = async (schema: string): Promise<boolean> =>
    (await server().ask(`SELECT 1 FROM pg_indexes WHERE schemaname = '${schema}' AND indexname = 'vectors_by_cosine'`))
      .length === 1;

  it('refuses vectors of another space, and says the way out', async () => {
    const schema = newSchema();
    await open({ schema });
    const error = await failure(() => open({ schema, space: declaredSpace({ model: 'other', dimensions: 20 }) }));
    expect(error.code).toBe('SPACE_MISMATCH');
    expect(error.message).toContain('export its memories');
    const connectionString = server().url();
    const again = await openPgvectorStore({ connectionString, schema });
    onTestFinished(() => again.close());
    expect(again.space).toEqual(STORE_SPACE);
    expect((await failure(() => openPgvectorStore({ connectionString, schema: newSchema() }))).code).toBe('NOT_FOUND');
  });

  it('refuses the schema of another program, and one of a later version', async () => {
    const [foreign, later] = [newSchema(), newSchema()];
    await server().ask(`CREATE SCHEMA ${foreign}; CREATE TABLE ${foreign}.records (id int)`);
    expect((await failure(() => open({ schema: foreign }))).code).toBe('FORMAT_INVALID');
    await open({ schema: later });
    await server().ask(`UPDATE ${later}.isovec_schema SET version = 99`);
    expect((await failure(() => open({ schema: later }))).message).toContain('later version');
  });

  it.each(['', 'a b', 'a"; DROP TABLE x; --', 'pg_own', 'a'.repeat(64)])('refuses the name %j', async (schema) => {
    expect((await failure(() => open({ schema }))).code).toBe('CONFIG_INVALID');
  });

  it('takes names that need quotes, and an extension in a schema of its own', async () => {
    await server().ask('CREATE DATABASE apart');
    await server().ask('CREATE SCHEMA "Of Extensions"; CREATE EXTENSION vector SCHEMA "Of Extensions"', 'apart');
    const store = await open({ connectionString: server().url('apart'), schema: 'Select-2' });
    await store.apply({ put: [memoryNumber(1)] });
    expect(await store.search(vectorNumber(1), { limit: 1 })).toHaveLength(1);
  });

  it('says what to run where the extension is missing', async () => {
    await server().ask('CREATE DATABASE bare');
    const error = await failure(() => open({ connectionString: server().url('bare') }));
    expect(error.code).toBe('PACKAGE_MISSING');
    expect(error.message).toContain('CREATE EXTENSION vector');
  });

  it.each([
    ['another password', 'CONFIG_INVALID', (url: string) => url.replace(PASSWORD, `${PASSWORD}2`)],
    ['another database', 'CONFIG_INVALID', (url: string) => `${url}2`],
    ['nobody listening', 'STORE_UNAVAILABLE', (url: string) => url.replace(/:\d+\//, ':1/')],
    ['no address', 'CONFIG_INVALID', (url: string) => url.replace('@127.0.0.1', '@[')],
  ])('tells of %s, and never of the password', async (_name, code, change) => {
    const error = await failure(() => open({ connectionString: change(server().url()) }));
    expect(error.code).toBe(code);
    expect(JSON.stringify(error) + error.message + String(error.stack)).not.toContain(PASSWORD);
  });

  it('refuses texts that PostgreSQL cannot keep', async () => {
    const store = await open({ schema: newSchema() });
    const error = await failure(() => store.apply({ put: [memoryNumber(1, { content: 'a\0secret' })] }));
    expect(error.code).toBe('INPUT_INVALID');
    expect(error.message).not.toContain('secret');
    expect(await store.list({ limit: 5 })).toEqual([]);
  });

  it('finds what is not what was written', async () => {
    const schema = newSchema();
    const store = await open({ schema });
    await store.apply({ put: [0, 1, 2, 3].map((number) => memoryNumber(number)) });
    await server().ask(`
      UPDATE ${schema}.records SET content = 'other' WHERE id = 'm000000';
      DELETE FROM ${schema}.vectors WHERE record = (SELECT number FROM ${schema}.records WHERE id = 'm000001');
      UPDATE ${schema}.vectors SET vector = vector * vector
        WHERE record = (SELECT number FROM ${schema}.records WHERE id = 'm000002');
      SET session_replication_role = replica;
      DELETE FROM ${schema}.records WHERE id = 'm000003'`);
    expect(await store.verify()).toEqual([
      { id: undefined, fault: 'a vector belongs to no memory' },
      { id: 'm000000', fault: 'its content is not what was written' },
      { id: 'm000001', fault: 'it has no vector' },
      { id: 'm000002', fault: 'its vector is not what was written' },
    ]);
  });

  it('is whole again from what pg_dump wrote', async () => {
    const schema = newSchema();
    const store = await open({ schema });
    await store.apply({ put: [0, 1, 2].map((number) => memoryNumber(number)) });
    const dump = await server().dump(schema);
    await server().ask('CREATE DATABASE restored');
    await server().ask('CREATE EXTENSION vector', 'restored');
    await server().ask(dump, 'restored');
    const restored = await open({ connectionString: server().url('restored'), schema });
    expect(await restored.list({ limit: 5 })).toEqual(await store.list({ limit: 5 }));
    expect(await restored.verify()).toEqual([]);
  });

  it('compares all vectors while who writes may not make the index, which the owner of the tables then makes', async () => {
    const schema = newSchema();
    const owner = await open({ schema });
    await server().ask(`
      CREATE ROLE writer LOGIN PASSWORD '${PASSWORD}';
      GRANT USAGE ON SCHEMA ${schema} TO writer;
      GRANT ALL ON ALL TABLES IN SCHEMA ${schema} TO writer`);
    const connectionString = server().url().replace('postgres:', 'writer:');
    const writer = await open({ schema, connectionString });
    const all = Array.from({ length: 5100 }, (_, number) => memoryNumber(number));
    const nearest = async (store: MemoryStore): Promise<string | undefined> =>
      (await store.search(vectorNumber(4321), { limit: 5 }))[0]?.record.id;
    await writer.apply({ put: all });
    expect([await isIndexed(schema), await nearest(writer)]).toEqual([false, 'm004321']);
    await owner.apply({ put: all.slice(0, 1) });
    expect([await isIndexed(schema), await nearest(writer), await nearest(owner)]).toEqual([
      true,
      'm004321',
      'm004321',
    ]);
    expect(await owner.verify()).toEqual([]);
  });

  it('has no index before it has many vectors', async () => {
    const schema = newSchema();
    const store = await open({ schema });
    const put = Array.from({ length: 5000 }, (_, number) => memoryNumber(number));
    await store.apply({ put });
    expect(await isIndexed(schema)).toBe(false);
    // Two at once: one of them makes it.
    await Promise.all([store.apply({ put: [memoryNumber(5000)] }), store.apply({ put: [memoryNumber(5001)] })]);
    expect(await isIndexed(schema)).toBe(true);
  });

  it('finds nearly all of the ten nearest of thousands through the index, and as many as there are with a filter', async () => {
    const schema = newSchema();
    const store = await open({ schema });
    const all = Array.from({ length: 6500 }, (_, number) =>
      memoryNumber(number, { tags: number % 100 === 0 ? ['rare'] : ['common'] }),
    );
    for (let begin = 0; begin < all.length; begin += 1000) await store.apply({ put: all.slice(begin, begin + 1000) });
    const nearest = (query: Float32Array, tag: string | undefined, count: number): string[] =>
      all
        .filter(({ record }) => tag === undefined || record.tags.includes(tag))
        .map(({ record, vector }) => ({ id: record.id, similarity: cosine(query, vector) }))
        .sort((a, b) => b.similarity - a.similarity)
        .slice(0, count)
        .map(({ id }) => id);
    let found = 0;
    for (let number = 0; number < 50; number++) {
      const query = vectorNumber(900_000 + number * 7);
      const wanted = new Set(nearest(query, undefined, 10));
      const got = await store.search(query, { limit: 10 });
      found += got.filter(({ record }) => wanted.has(record.id)).length;
    }
    expect(found / 500).toBeGreaterThanOrEqual(0.99);
    const query = vectorNumber(77_777_777);
    const rare = await store.search(query, { limit: 60, filter: { anyTags: ['rare'] } });
    expect(rare.map(({ record }) => record.id)).toEqual(nearest(query, 'rare', 60));
    expect(await store.search(query, { limit: 6000, filter: { anyTags: ['common'] } })).toHaveLength(6000);
    // Counts reach the view when a connection ends.
    await store.close();
    const [used] = await server().ask(`SELECT idx_scan FROM pg_stat_user_indexes
      WHERE schemaname = '${schema}' AND indexrelname = 'vectors_by_cosine'`);
    expect(Number(used?.['idx_scan'])).toBeGreaterThanOrEqual(50);
  });
});
