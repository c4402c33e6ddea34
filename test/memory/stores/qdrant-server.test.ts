import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';

import { openQdrantStore, type QdrantStore, type QdrantStoreOptions } from '#src/memory/stores/qdrant/qdrant-store.js';
import { openSqliteStore } from '#src/memory/stores/sqlite/sqlite-store.js';
import { declaredSpace } from '#src/models/embedding-space.js';
import type { IsovecError } from '#src/shared/isovec-error.js';
import { expect, it, onTestFinished } from 'vitest';

import { memoryNumber, STORE_SPACE, vectorNumber } from '../../contract/store-contract.js';
import { failure, temporaryFolder } from '../../engine/support/tiny-model.js';
import { seededRandom } from '../../jobs/killed-run.js';
import { FakeQdrant } from './support/fake-qdrant.js';
import { expectWhole } from './support/expect-whole.js';
import { CHANGES, randomChanges, startChanges } from './support/random-changes.js';

/** 50 is the heavy form. */
const KILLS = Number(process.env['ISOVEC_KILLS'] ?? 3);

async function startServer(key?: string): Promise<FakeQdrant> {
  const server = await FakeQdrant.start(key);
  onTestFinished(() => server.stop());
  return server;
}

async function open(server: { readonly url: string }, options: Partial<QdrantStoreOptions> = {}): Promise<QdrantStore> {
  const file = options.file ?? path.join(await temporaryFolder(), 'memory.db');
  const store = await openQdrantStore({ url: server.url, space: STORE_SPACE, ...options, file });
  onTestFinished(() => store.close());
  return store;
}

/** Ids of the memories nearest to a number's. */
async function nearest(store: QdrantStore, number: number, limit = 1): Promise<string[]> {
  return (await store.search(vectorNumber(number), { limit })).map(({ record }) => record.id);
}

it('a store whose server is gone keeps changes in the file, says so, and sends them when it is there again', async () => {
  const server = await startServer();
  const heard: IsovecError[] = [];
  const store = await open(server, { onUndelivered: (error) => heard.push(error) });
  await store.apply({ put: [memoryNumber(1)] });
  expect(await store.status()).toMatchObject({ records: 1, undelivered: 0 });
  await server.stop();
  await store.apply({ put: [memoryNumber(2)], remove: ['m000001'] });
  expect(heard.map(({ code, retryable }) => [code, retryable])).toEqual([['STORE_UNAVAILABLE', true]]);
  expect(heard[0]?.message).toMatch(/^The collection isovec_[0-9a-f]{12} at 127\.0\.0\.1:\d+ cannot be used now/);
  expect(await store.status()).toMatchObject({ records: 1, undelivered: 2 });
  const unavailable = await failure(() => store.search(vectorNumber(2), { limit: 1 }));
  expect([unavailable.code, unavailable.retryable]).toEqual(['STORE_UNAVAILABLE', true]);
  await server.listen();
  expect(await nearest(store, 1, 5)).toEqual(['m000002']);
  expect(await store.status()).toMatchObject({ records: 1, undelivered: 0 });
  expect(server.points).toHaveLength(1);
});

it('a store that is opened again sends what an ended process left', async () => {
  const server = await startServer();
  const store = await open(server, { onUndelivered: () => undefined });
  await store.apply({ put: [memoryNumber(1)] });
  await server.stop();
  await store.apply({ put: [memoryNumber(2), memoryNumber(3)] });
  await store.close();
  expect((await failure(() => openQdrantStore({ url: server.url, file: store.file }))).code).toBe('STORE_UNAVAILABLE');
  await server.listen();
  const again = await open(server, { file: store.file });
  expect(server.points).toHaveLength(3);
  expect(await again.verify()).toEqual([]);
});

it('a store sends what programs changed that know the file alone', async () => {
  const server = await startServer();
  const store = await open(server);
  await store.apply({ put: [memoryNumber(1), memoryNumber(2), memoryNumber(3)] });
  const plain = await openSqliteStore({ file: store.file });
  await plain.apply({
    remove: ['m000001'],
    put: [{ record: memoryNumber(2).record, vector: vectorNumber(77) }, memoryNumber(4)],
    patch: [{ id: 'm000003', fields: { tags: ['patched'] }, modifiedAt: 5 }],
  });
  await plain.touch(['m000002'], 1);
  await plain.close();
  expect((await store.status()).undelivered).toBe(4);
  expect(await nearest(store, 77, 9)).toEqual(expect.arrayContaining(['m000002', 'm000003', 'm000004']));
  expect(await nearest(store, 77)).toEqual(['m000002']);
  const patched = await store.search(vectorNumber(3), { limit: 9, filter: { anyTags: ['patched'] } });
  expect(patched.map(({ record }) => record.id)).toEqual(['m000003']);
  expect(await store.verify()).toEqual([]);
  // An access changes no search.
  const asked = server.exchanges.length;
  await store.touch(['m000002'], 2);
  expect((await store.status()).undelivered).toBe(0);
  expect(server.exchanges).toHaveLength(asked);
});

it('a search repairs what it meets, verify tells of the rest, and reconcile makes both sides one', async () => {
  const server = await startServer();
  const store = await open(server);
  await store.apply({ put: Array.from({ length: 600 }, (_, at) => memoryNumber(at)) });
  const points = server.collections.get(store.collection)?.points ?? new Map<string, never>();
  const pointOf = (id: string): string => server.points.find(({ payload }) => payload['id'] === id)?.id ?? '';
  const change = (id: string, fields: object): void => {
    const point = pointOf(id);
    points.set(point, { ...points.get(point), ...fields } as never);
  };
  const [lost, old, turned] = ['m000010', 'm000020', 'm000030'];
  points.delete(pointOf(lost));
  change(old, { payload: { ...points.get(pointOf(old))?.payload, digest: 'of another day' } });
  change(turned, { vector: vectorNumber(4711) });
  const stray = { store: server.points[0]?.payload['store'], id: 'm000040', digest: 'x' };
  points.set('00000000-0000-8000-8000-000000000000', {
    id: '00000000-0000-8000-8000-000000000000',
    vector: vectorNumber(40),
    payload: stray,
  });
  expect((await store.verify()).map(({ id, fault }) => `${id ?? ''}: ${fault}`).sort()).toEqual([
    'm000010: Qdrant does not hold it',
    'm000020: what Qdrant holds of it is older or newer',
    'm000030: its vector in Qdrant is not what was sent',
    'm000040: Qdrant holds a point of it that is not its own',
  ]);
  expect(await nearest(store, 20, 2)).toContain(old);
  expect(await nearest(store, 40, 600)).toHaveLength(599);
  expect((await store.verify()).map(({ id }) => id).sort()).toEqual([lost, turned, 'm000040']);
  expect(await store.reconcile()).toEqual({ sent: 2, removed: 1 });
  expect(await store.verify()).toEqual([]);
  expect(await nearest(store, 30)).toEqual([turned]);
  expect(await store.reconcile()).toEqual({ sent: 0, removed: 0 });
});

it('a collection that is lost, or on another server, is given everything again', async () => {
  const [first, second] = [await startServer(), await startServer()];
  const store = await open(first);
  await store.apply({ put: Array.from({ length: 200 }, (_, at) => memoryNumber(at)) });
  first.collections.clear();
  const gone = await failure(() => store.search(vectorNumber(1), { limit: 1 }));
  expect([gone.code, gone.message]).toEqual(['STORE_UNAVAILABLE', expect.stringContaining('Opened again')]);
  await store.close();
  const again = await open(first, { file: store.file });
  expect(first.points).toHaveLength(200);
  expect(await again.verify()).toEqual([]);
  const moved = await open(second, { file: store.file });
  expect(second.points).toHaveLength(200);
  expect(await moved.verify()).toEqual([]);
});

it('files of one collection see nothing of each other', async () => {
  const server = await startServer();
  const [one, other] = [await open(server), await open(server)];
  await one.apply({ put: [memoryNumber(1), memoryNumber(2)] });
  await other.apply({ put: [memoryNumber(2), memoryNumber(3)] });
  expect(server.collections.size).toBe(1);
  expect(server.points).toHaveLength(4);
  expect(await nearest(one, 1, 9)).toHaveLength(2);
  await other.apply({ remove: ['m000002'] });
  expect(await nearest(one, 2)).toEqual(['m000002']);
  expect(await other.reconcile()).toEqual({ sent: 0, removed: 0 });
  expect([await one.verify(), await other.verify()]).toEqual([[], []]);
});

it('another space has a collection of its own, and another model is refused with the way out', async () => {
  const server = await startServer();
  const store = await open(server);
  await store.apply({ put: [memoryNumber(1)] });
  const space = declaredSpace({ model: 'another', dimensions: 20 });
  const refused = await failure(() => openQdrantStore({ url: server.url, file: store.file, space }));
  expect([refused.code, refused.message]).toEqual(['SPACE_MISMATCH', expect.stringContaining('isovec memory reindex')]);
  await open(server, { space });
  expect(server.collections.size).toBe(2);
  const [name, collection] = [...server.collections].at(-1) ?? [];
  server.collections.set(name ?? '', { ...collection, size: 7 } as never);
  expect((await failure(() => open(server, { space }))).message).toContain('Name another collection');
});

it('processes at once lose nothing, and two that send the same do no harm', async () => {
  const server = await startServer();
  const store = await open(server);
  await store.apply({ put: [memoryNumber(0)] });
  const changesOf = (child: number): object[] =>
    Array.from({ length: 40 }, (_, at) => ({
      // Half of them are the same memories for all.
      put: [
        memoryNumber(at % 2 === 0 ? at : 1 + child * 100 + at, { content: `of ${child}` }),
        { ...memoryNumber(500), vector: vectorNumber(child * 40 + at) },
      ],
    }));
  const options = { url: server.url, file: store.file };
  const children = await Promise.all([0, 1, 2].map((one) => startChanges(options, changesOf(one))));
  const codes = await Promise.all(children.map(async (child) => ((await once(child, 'close')) as [number | null])[0]));
  expect(codes).toEqual([0, 0, 0]);
  expect(await store.verify()).toEqual([]);
  expect(server.points).toHaveLength((await store.status()).records);
});

it(
  'processes that are killed leave both sides whole, once the file is open again',
  async () => {
    const server = await startServer();
    const random = seededRandom(Number(process.env['ISOVEC_SEED'] ?? 1));
    for (let kill = 0; kill < KILLS; kill++) {
      const changes = randomChanges(kill + 1);
      const file = path.join(await temporaryFolder(), 'memory.db');
      await (await open(server, { file })).close();
      const child = await startChanges({ url: server.url, file }, changes);
      const victim = 1 + Math.floor(random() * CHANGES * 0.2);
      let made = 0;
      child.stdout?.setEncoding('utf8').on('data', (text: string) => {
        made += text.split('\n').length - 1;
        if (made >= victim) child.kill('SIGKILL');
      });
      await once(child, 'close');
      const store = await open(server, { file });
      await expectWhole(store, changes, made);
      await store.close();
    }
  },
  60_000 + KILLS * 20_000,
);

it('a request that was made, but whose answer was lost, is made again without harm', async () => {
  const server = await startServer();
  const store = await open(server, { onUndelivered: () => undefined, timeout: 200 });
  await store.apply({ put: [memoryNumber(1)] });
  for (const status of [500, 503, 'hang'] as const) {
    for (const done of [true, false]) {
      server.fault = (asked) => (/points(\/delete)?$/.test(asked) ? { status, done } : undefined);
      await store.apply({ put: [memoryNumber(2)], remove: ['m000001'] });
      expect((await store.status()).undelivered).toBeGreaterThan(0);
      server.fault = undefined;
      expect(await nearest(store, 1, 5)).toEqual(['m000002']);
      await store.apply({ put: [memoryNumber(1)], remove: ['m000002'] });
      expect(await store.verify()).toEqual([]);
    }
  }
});

it.each([
  [403, 'CONFIG_INVALID', 'does not let this API key in'],
  [400, 'INTERNAL', 'Qdrant 1.10 or later'],
  [429, 'STORE_UNAVAILABLE', 'HTTP 429'],
  [507, 'STORAGE_FULL', 'no room'],
])('the answer %i is %s', async (status, code, words) => {
  const server = await startServer();
  const store = await open(server);
  server.fault = (asked) => (asked.endsWith('/query') ? { status, done: false } : undefined);
  const error = await failure(() => store.search(vectorNumber(1), { limit: 1 }));
  expect([error.code, error.message]).toEqual([code, expect.stringContaining(words)]);
});

it('a key is sent, and never told', async () => {
  const server = await startServer('a secret key');
  const store = await open(server, { apiKey: 'a secret key' });
  await store.apply({ put: [memoryNumber(1)] });
  expect(await nearest(store, 1)).toEqual(['m000001']);
  const error = await failure(() => open(server, { apiKey: 'another secret' }));
  expect(error.code).toBe('CONFIG_INVALID');
  expect(JSON.stringify(error)).not.toContain('secret');
});

it('a server that is no Qdrant is said to be none', async () => {
  const server = createServer((_request, response) => {
    response.writeHead(200, { 'content-type': 'text/html' }).end('<h1>Welcome</h1>');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.close();
  });
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const error = await failure(() => open({ url }));
  expect([error.code, error.message]).toEqual(['CONFIG_INVALID', expect.stringContaining('not as Qdrant does')]);
});

it.each([
  [{ url: 'localhost:6333' }, 'must be http://HOST:PORT'],
  [{ url: 'ftp://example.org' }, 'must be http://HOST:PORT'],
  [{ url: 'http://user:password@example.org' }, 'without user and password'],
  [{ url: 'http://127.0.0.1:1', collection: 'a/b' }, 'A collection cannot be called "a/b"'],
  [{ url: 'http://127.0.0.1:1', collection: '' }, 'A collection cannot be called ""'],
])('the options %j are refused', async (options, words) => {
  const error = await failure(() => open({ url: '' }, options));
  expect([error.code, error.message]).toEqual(['CONFIG_INVALID', expect.stringContaining(words)]);
  expect(error.message).not.toContain('password@');
});
