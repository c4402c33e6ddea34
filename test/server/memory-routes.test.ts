import { setTimeout as sleep } from 'node:timers/promises';
import type { LoadOptions } from '#src/index.js';
import { createCognitiveEncoder, createInMemoryStore, Memory, type MemoryStore } from '#src/memory/index.js';
import type { ServerOptions } from '#src/server/index.js';
import { startServer } from '#src/server/start-server.js';
import { describe, expect, it, onTestFinished } from 'vitest';
import { z } from 'zod';

import { failure, loadTiny } from '../engine/support/tiny-model.js';
import { errorOf } from './support/error-shape.js';
import { RawConnection } from './support/raw-connection.js';
import { type Answer, testServer, type TestServer } from './support/running-server.js';

interface MemoryServer extends TestServer {
  readonly store: MemoryStore;
  /** The same memory as the library has it. */
  readonly memory: Memory;
}

/** A server with a tiny model and an empty memory. */
async function memoryServer(options: ServerOptions = {}, load: LoadOptions = {}): Promise<MemoryServer> {
  let made: MemoryStore | undefined;
  const server = await testServer(
    {
      memory: {
        store: (space) => Promise.resolve((made = createInMemoryStore(space))),
      },
      ...options,
    },
    load,
  );
  if (made === undefined) throw new Error('no store was asked for');
  return { ...server, store: made, memory: new Memory({ store: made, encoder: createCognitiveEncoder(server.model) }) };
}

const TEXTS = ['the river rose', 'a café at the harbour', 'bread is baked at dawn', 'rain on the old town'];

const memory = z.looseObject({ id: z.string(), uri: z.string(), content: z.string(), tags: z.array(z.string()) });
const remembered = z.strictObject({ memories: z.array(memory) });
const page = z.strictObject({ memories: z.array(memory), next: z.string().optional() });
const scored = z.strictObject({ memory, score: z.number(), parts: z.record(z.string(), z.unknown()) });
const recall = z.strictObject({
  core: z.array(scored),
  peripheral: z.array(scored),
  bridges: z.array(scored),
  nearest: z.array(scored),
});

/** What a problem says; throws if an answer is none. */
function problemOf({ body, headers }: Answer): { message: string; param: string | null } {
  return errorOf('native', body, headers.get('content-type'));
}

const GOOD: readonly (readonly [path: string, body: object])[] = [
  ['/memory/remember', { memories: [{ content: 'a' }] }],
  ['/memory/recall', { query: 'a' }],
  ['/memory/list', {}],
  ['/memory/relate', { connections: [{ from: 'a', to: 'b' }] }],
  ['/memory/forget', { ids: ['a'] }],
];

describe('remembering', () => {
  it('keeps one text or many, with what is said of them, and says what was embedded', async () => {
    const { post, store, model } = await memoryServer();
    const one = await post('/memory/remember', { memories: [{ content: TEXTS[0] }] });
    expect(one.status).toBe(200);
    expect(remembered.parse(one.body).memories).toMatchObject([
      { content: TEXTS[0], kind: 'episodic', level: 2, tags: [], importance: 0.5 },
    ]);
    const inputs = [
      {
        content: TEXTS[1],
        id: 'café/1',
        tags: ['b', 'a'],
        level: 0,
        kind: 'semantic',
        importance: 1,
        strength: 0.25,
        dimensions: { urgency: 1 },
        sourceAt: '2025-03-01',
        parentId: 'town',
      },
      { content: TEXTS[2], id: 'bread' },
    ];
    const many = await post('/memory/remember', { memories: inputs });
    expect(remembered.parse(many.body).memories.map(({ id, uri }) => [id, uri])).toEqual([
      ['café/1', 'memory/records/caf%C3%A9%2F1'],
      ['bread', 'memory/records/bread'],
    ]);
    const { texts } = await model.tokens.encode([TEXTS[1] ?? '', TEXTS[2] ?? '']);
    const tokens = texts.reduce((sum, { fullTokenCount }) => sum + fullTokenCount, 0);
    expect(many.headers.get('x-isovec-tokens')).toBe(String(tokens));
    expect((await store.get(['café/1']))[0]).toMatchObject({
      content: TEXTS[1],
      tags: ['a', 'b'],
      level: 0,
      kind: 'semantic',
      importance: 1,
      strength: 0.25,
      sourceAt: Date.UTC(2025, 2, 1),
      parentId: 'town',
      dimensions: { urgency: 1 },
    });
  });

  it('gives the vectors of the library to the last bit, also over several pieces, and with prompts', async () => {
    const { post, store, memory: library } = await memoryServer();
    const texts = Array.from({ length: 300 }, (_, at) => `text ${at}${' of the river'.repeat(at % 9)}`);
    const answer = await post('/memory/remember', {
      memories: texts.map((content, at) => ({ content, id: `http-${at}` })),
    });
    expect(answer.status).toBe(200);
    await library.remember(texts.map((content, at) => ({ content, id: `library-${at}` })));
    const ids = (name: string): string[] => texts.map((_, at) => `${name}-${at}`);
    expect(await store.vectors(ids('http'))).toEqual(await store.vectors(ids('library')));

    const prompted = await loadTiny('bert-prompts');
    const own = createInMemoryStore(createCognitiveEncoder(prompted).space);
    const server = await startServer([{ name: 'prompted', embedder: prompted }], { port: 0, memory: { store: own } });
    onTestFinished(async () => {
      await server.close(0);
    });
    const body = JSON.stringify({ memories: [{ content: 'the river', id: 'http' }] });
    await fetch(`${server.url}/memory/remember`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body,
    });
    await new Memory({ store: own, encoder: createCognitiveEncoder(prompted) }).remember([
      { content: 'the river', id: 'library' },
    ]);
    const [http, expected] = await own.vectors(['http', 'library']);
    expect(http).toEqual(expected);
    expect(http?.some((value) => value !== 0)).toBe(true);
  });

  it('is all or nothing, within the limits of a request', async () => {
    const { post, store } = await memoryServer({ limits: { maxInputs: 400, maxTokens: 2500, maxBodyBytes: 100_000 } });
    const of = (count: number, content: string): object => ({ memories: new Array(count).fill({ content }) });
    const inputs = await post('/memory/remember', of(401, 'a'));
    expect([inputs.status, problemOf(inputs).message]).toEqual([
      413,
      'The request holds 401 inputs; the limit is 400. Split it.',
    ]);
    // 300 texts are embedded in two pieces, of which neither alone is beyond the limit.
    const tokens = await post('/memory/remember', of(300, 'the river rose'));
    expect(tokens.status).toBe(413);
    expect(problemOf(tokens).message).toMatch(/The request holds 2700 tokens; the limit is 2500/);
    const bytes = await post('/memory/remember', of(1, 'a'.repeat(100_000)));
    expect([bytes.status, bytes.body]).toMatchObject([413, { code: 'BODY_TOO_LARGE' }]);
    expect((await store.status()).records).toBe(0);
    expect((await post('/memory/remember', of(100, 'the river rose'))).status).toBe(200);
    expect((await store.status()).records).toBe(100);
  });

  it('is refused where the queue is full, and gives up at a deadline', async () => {
    const { post, store } = await memoryServer({}, { maxPendingTokens: 500 });
    const body = { memories: new Array(200).fill({ content: 'the river rose over the old harbour' }) };
    const answers = await Promise.all(Array.from({ length: 8 }, () => post('/memory/remember', body)));
    const full = answers.filter(({ status }) => status !== 200);
    expect(full.length).toBeGreaterThan(0);
    for (const answer of full) {
      expect([answer.status, answer.body]).toMatchObject([429, { code: 'OVERLOADED', retryable: true }]);
      expect(Number(answer.headers.get('retry-after'))).toBeGreaterThanOrEqual(1);
    }
    expect((await store.status()).records).toBe((answers.length - full.length) * 200);
    const late = await memoryServer();
    const texts = { memories: new Array(2000).fill({ content: 'the river rose over the old harbour' }) };
    const answer = await late.post('/memory/remember', texts, { 'x-request-timeout-ms': '5' });
    expect([answer.status, answer.body]).toMatchObject([504, { code: 'DEADLINE_EXCEEDED' }]);
    expect((await late.post('/memory/remember', texts, { 'x-request-timeout-ms': 'soon' })).status).toBe(400);
    expect((await late.store.status()).records).toBe(0);
  });
});

describe('a client that goes away', () => {
  it('takes its work out of the queue, and nothing of it is remembered', async () => {
    const { url, model, store, close } = await memoryServer();
    const gone = new AbortController();
    const memories = Array.from({ length: 2000 }, (_, at) => ({ content: `the river rose over the harbour ${at}` }));
    const asked = fetch(`${url}/memory/remember`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ memories }),
      signal: gone.signal,
    });
    while (model.health().pendingTexts === 0) await sleep(1);
    gone.abort();
    await expect(asked).rejects.toThrow();
    // The end of the server waits for all that it has begun.
    expect(await close(20_000)).toBe(true);
    expect((await store.status()).records).toBe(0);
  });
});

describe('recalling', () => {
  it('gives the groups of the library, with the parts of every score', async () => {
    const { post, memory: library } = await memoryServer();
    await library.remember(TEXTS.map((content, at) => ({ content, id: `m${at}`, importance: at / 4 })));
    await library.relate([{ from: 'm0', to: 'm3' }]);
    for (const query of ['the river rose', 'bread', 'zzz']) {
      const expected = await library.recall(query, { limit: 3, dimensions: { urgency: 0.5 }, touch: false });
      const { status, body } = await post('/memory/recall', {
        query,
        limit: 3,
        dimensions: { urgency: 0.5 },
        touch: false,
      });
      expect(status).toBe(200);
      const given = recall.parse(body);
      for (const group of ['core', 'peripheral', 'bridges', 'nearest'] as const) {
        expect(given[group].map((one) => one.memory.id)).toEqual(expected[group].map(({ record }) => record.id));
        given[group].forEach(({ score, parts }, at) => {
          const own = expected[group][at];
          expect(score).toBeCloseTo(own?.value ?? NaN, 5);
          expect(Object.keys(parts)).toEqual(Object.keys(own?.parts ?? {}));
          for (const [name, value] of Object.entries<unknown>({ ...own?.parts })) {
            if (typeof value === 'number') expect(parts[name]).toBeCloseTo(value, 4);
            else if (typeof value === 'string') expect(parts[name]).toBe(value);
            else expect(parts[name]).toMatchObject(z.object({ from: z.string(), steps: z.int() }).parse(value));
          }
        });
      }
    }
    const own = recall.parse((await post('/memory/recall', { query: TEXTS[0] })).body);
    const same = own.core.find(({ parts }) => Number(parts['similarity']) > 0.999);
    expect(same?.memory).toMatchObject({ id: 'm0', content: TEXTS[0] });
  });

  it('counts as an access of the core unless it is not to', async () => {
    const { post, memory: library } = await memoryServer();
    await library.remember([{ content: 'the river rose', id: 'river' }]);
    const counted = async (): Promise<number | undefined> => (await library.get(['river']))[0]?.accessCount;
    await post('/memory/recall', { query: 'the river rose', touch: false });
    expect(await counted()).toBe(0);
    await post('/memory/recall', { query: 'the river rose' });
    expect(await counted()).toBe(1);
  });

  it('narrows by tags, levels, kinds, source and time', async () => {
    const { post, memory: library } = await memoryServer();
    const content = 'the river rose';
    await library.remember([
      { content, id: 'a', tags: ['x', 'y'], level: 0, kind: 'semantic', sourceAt: Date.UTC(2025, 0, 1) },
      { content, id: 'b', tags: ['y'], source: { path: '/notes', type: 'markdown' } },
    ]);
    const ids = async (conditions: object): Promise<string[]> => {
      const { core } = recall.parse((await post('/memory/recall', { query: content, ...conditions })).body);
      return core.map((one) => one.memory.id).sort();
    };
    expect(await ids({})).toEqual(['a', 'b']);
    for (const one of [{ tags: ['x'] }, { tags: ['x', 'y'], match: 'all' }, { levels: [0] }, { kinds: ['semantic'] }]) {
      expect(await ids(one)).toEqual(['a']);
    }
    expect(await ids({ tags: ['x', 'y'] })).toEqual(['a', 'b']);
    expect(await ids({ source: '/notes' })).toEqual(['b']);
    expect(await ids({ since: '2025-06-01' })).toEqual(['b']);
    expect(await ids({ until: '2025-06-01T00:00:00+02:00' })).toEqual(['a']);
    expect(await ids({ tags: ['z'] })).toEqual([]);
  });
});

describe('what is there', () => {
  it('is listed page by page, each memory once', async () => {
    const { post, memory: library } = await memoryServer();
    const ids = Array.from({ length: 23 }, (_, at) => `m${String(at).padStart(2, '0')}`);
    await library.remember(ids.map((id, at) => ({ id, content: `text ${at}`, tags: at % 2 === 0 ? ['even'] : [] })));
    const listed: string[] = [];
    const sizes: number[] = [];
    let after: string | undefined;
    do {
      const { memories, next } = page.parse((await post('/memory/list', { limit: 10, after })).body);
      sizes.push(memories.length);
      listed.push(...memories.map(({ id }) => id));
      after = next;
    } while (after !== undefined);
    expect([sizes, listed]).toEqual([[10, 10, 3], ids]);
    const even = page.parse((await post('/memory/list', { tags: ['even'], limit: 12 })).body);
    expect([even.memories.length, even.next]).toEqual([12, undefined]);
    const some = page.parse((await post('/memory/list', { ids: ['m01', 'm22', 'none'] })).body);
    expect(some.memories.map(({ id }) => id)).toEqual(['m01', 'm22']);
  });

  it('is told whole by its id, whatever that is', async () => {
    const { get, memory: library } = await memoryServer();
    for (const id of ['plain', 'a/b?c#d', 'ä 語 %41', '../x', 'a,b', 'x'.repeat(256)]) {
      await library.remember([{ content: `of ${id}`, id, metadata: { hash: 'abc' }, parentId: 'whole' }]);
      const { status, body } = await get(`/memory/records/${encodeURIComponent(id)}`);
      expect([status, body]).toMatchObject([
        200,
        { id, content: `of ${id}`, metadata: { hash: 'abc' }, parentId: 'whole', strength: 0.5 },
      ]);
    }
    const missing = await get('/memory/records/none');
    expect([missing.status, missing.body]).toMatchObject([404, { code: 'NOT_FOUND' }]);
    for (const path of [
      '/memory/records/',
      '/memory/records/%00',
      '/memory/records/%ff',
      `/memory/records/${'x'.repeat(257)}`,
    ]) {
      const refused = await get(path);
      expect([path, refused.status]).toEqual([path, 400]);
      problemOf(refused);
    }
  });

  it('is counted, with the model that makes the vectors', async () => {
    const { get, memory: library, store } = await memoryServer();
    await library.remember([{ content: 'a', level: 0, source: { path: '/n', type: 'markdown' } }, { content: 'b' }]);
    expect((await get('/memory/status')).body).toEqual({
      records: 2,
      connections: 0,
      byKind: { episodic: 2, semantic: 0 },
      byLevel: { concepts: 1, contexts: 0, episodes: 1 },
      sources: [{ path: '/n', type: 'markdown', records: 1 }],
      store: 'memory',
      model: 'tiny',
      dimensions: store.space.dimensions,
    });
    expect((await get('/info')).body).toMatchObject({ memory: true });
  });

  it('is connected, if both ends are there', async () => {
    const { post, memory: library, store } = await memoryServer();
    await library.remember([
      { content: 'a', id: 'a' },
      { content: 'b', id: 'b' },
    ]);
    const { status, body } = await post('/memory/relate', {
      connections: [{ from: 'a', to: 'b', type: 'explains', weight: 0.5, bidirectional: false }],
    });
    expect([status, body]).toMatchObject([
      200,
      { connections: [{ from: 'a', to: 'b', type: 'explains', weight: 0.5, bidirectional: false }] },
    ]);
    expect(await store.connections(['a'])).toHaveLength(1);
    const missing = await post('/memory/relate', { connections: [{ from: 'a', to: 'none' }] });
    expect([missing.status, missing.body]).toMatchObject([404, { code: 'NOT_FOUND' }]);
    expect((await post('/memory/relate', { connections: [{ from: 'a', to: 'a' }] })).status).toBe(400);
  });
});

describe('forgetting', () => {
  it('only says what would go until it is confirmed', async () => {
    const { post, memory: library } = await memoryServer();
    await library.remember([
      { content: 'one', id: '1', tags: ['a'] },
      { content: 'two', id: '2', tags: ['a', 'b'] },
      { content: 'three', id: '3', tags: ['b'], source: { path: '/n', type: 'markdown' } },
    ]);
    const forget = async (body: object): Promise<unknown> => (await post('/memory/forget', body)).body;
    const records = async (): Promise<number> => (await library.status()).records;
    for (const body of [{ ids: ['1'] }, { ids: ['1'], confirm: false }]) {
      expect(await forget(body)).toEqual({
        deleted: false,
        count: 1,
        memories: [{ id: '1', content: 'one', tags: ['a'] }],
      });
    }
    expect(await forget({ tags: ['a', 'b'] })).toMatchObject({ deleted: false, count: 1 });
    expect(await forget({ tags: ['a', 'b'], match: 'any' })).toMatchObject({ deleted: false, count: 3 });
    expect(await forget({ source: '/n' })).toMatchObject({ count: 1, memories: [{ id: '3' }] });
    expect(await records()).toBe(3);
    expect(await forget({ ids: ['1', '3'], tags: ['b'], confirm: true })).toMatchObject({ deleted: true, count: 1 });
    expect((await library.get(['1', '2', '3'])).map((one) => one?.id)).toEqual(['1', '2', undefined]);
  });

  it('needs a condition, and does not pass over ids that nobody has', async () => {
    const { post, memory: library } = await memoryServer();
    await library.remember(['kept']);
    for (const body of [{}, { confirm: true }, { match: 'any', confirm: true }]) {
      const answer = await post('/memory/forget', body);
      expect([answer.status, answer.body]).toMatchObject([400, { code: 'CONFIG_INVALID' }]);
    }
    const unknown = await post('/memory/forget', { ids: ['none'], confirm: true });
    expect([unknown.status, unknown.body]).toMatchObject([404, { code: 'NOT_FOUND' }]);
    expect(await post('/memory/forget', { tags: ['none'], confirm: true })).toMatchObject({
      status: 200,
      body: { deleted: false, count: 0 },
    });
    expect((await library.status()).records).toBe(1);
  });
});

describe('hostile requests', () => {
  it.each<[string, unknown, string]>([
    ['/memory/remember', { memories: [] }, 'memories'],
    ['/memory/remember', { memories: { content: 'a' } }, 'memories'],
    ['/memory/remember', { memories: ['a'] }, 'memories.0'],
    ['/memory/remember', { memories: [{ content: 'a' }, { content: ' \n' }] }, 'memories.1.content'],
    ['/memory/remember', { memories: [{ content: 'x'.repeat(100_001) }] }, 'memories.0.content'],
    ['/memory/remember', { memories: [{ content: 'a', id: '' }] }, 'memories.0.id'],
    ['/memory/remember', { memories: [{ content: 'a', id: 'a\u0000b' }] }, 'memories.0.id'],
    ['/memory/remember', { memories: [{ content: 'a', tags: new Array(101).fill('t') }] }, 'memories.0.tags'],
    ['/memory/remember', { memories: [{ content: 'a', tags: ['a\nb'] }] }, 'memories.0.tags.0'],
    ['/memory/remember', { memories: [{ content: 'a', importance: 2 }] }, 'memories.0.importance'],
    ['/memory/remember', { memories: [{ content: 'a', importance: 1e999 }] }, 'memories.0.importance'],
    ['/memory/remember', { memories: [{ content: 'a', level: 3 }] }, 'memories.0.level'],
    ['/memory/remember', { memories: [{ content: 'a', kind: 'other' }] }, 'memories.0.kind'],
    ['/memory/remember', { memories: [{ content: 'a', dimensions: { joy: 1 } }] }, 'memories.0.dimensions'],
    ['/memory/remember', { memories: [{ content: 'a', dimensions: { work: -1 } }] }, 'memories.0.dimensions.work'],
    ['/memory/remember', { memories: [{ content: 'a', sourceAt: 'yesterday' }] }, 'memories.0.sourceAt'],
    ['/memory/remember', { memories: [{ content: 'a', vector: [1] }] }, 'memories.0'],
    ['/memory/remember', { memories: [{ content: 'a', accessCount: 5 }] }, 'memories.0'],
    ['/memory/recall', {}, 'query'],
    ['/memory/recall', { query: { $gt: '' } }, 'query'],
    ['/memory/recall', { query: '' }, 'query'],
    ['/memory/recall', { query: 'x'.repeat(10_001) }, 'query'],
    ['/memory/recall', { query: 'a', limit: 0 }, 'limit'],
    ['/memory/recall', { query: 'a', limit: 1e9 }, 'limit'],
    ['/memory/recall', { query: 'a', limit: '5' }, 'limit'],
    ['/memory/recall', { query: 'a', levels: [] }, 'levels'],
    ['/memory/recall', { query: 'a', since: '2025-13-01' }, 'since'],
    ['/memory/recall', { query: 'a', touch: 'no' }, 'touch'],
    ['/memory/recall', { query: 'a', source: 'a\u0000' }, 'source'],
    ['/memory/list', { limit: 101 }, 'limit'],
    ['/memory/list', { after: 5 }, 'after'],
    ['/memory/list', { ids: new Array(1001).fill('a') }, 'ids'],
    ['/memory/relate', { connections: [{ from: 'a' }] }, 'connections.0.to'],
    ['/memory/relate', { connections: [{ from: 'a', to: 'b', weight: 2 }] }, 'connections.0.weight'],
    ['/memory/relate', { connections: [{ from: 'a', to: 'b', type: '' }] }, 'connections.0.type'],
    ['/memory/forget', { ids: [['a']] }, 'ids.0'],
    ['/memory/forget', { ids: ['a'], confirm: 'true' }, 'confirm'],
    ['/memory/forget', { tags: [], confirm: true }, 'tags'],
    ['/memory/forget', { tags: ['a'], match: 'none', confirm: true }, 'match'],
  ])('%s %j are refused by their path %s, and nothing changes', async (path, body, param) => {
    const { post, memory: library } = await memoryServer();
    await library.remember([{ content: 'kept', id: 'a', tags: ['a'] }]);
    const answer = await post(path, body);
    expect(answer.status).toBe(400);
    expect(problemOf(answer).param).toBe(param);
    expect((await library.status()).records).toBe(1);
  });

  it('with half a surrogate pair, no JSON, a prototype or unknown fields are refused', async () => {
    const { post, store } = await memoryServer();
    const half = await post('/memory/remember', { memories: [{ content: 'ok' }, { content: 'half \ud800' }] });
    expect([half.status, problemOf(half).message]).toEqual([
      400,
      'Memory 1: content must not hold half a surrogate pair.',
    ]);
    const nul = await post('/memory/remember', { memories: [{ content: 'a\0b' }] });
    expect([nul.status, problemOf(nul).message]).toEqual([
      400,
      'Memory 0: content must not hold the character U+0000.',
    ]);
    for (const [path, good] of GOOD) {
      for (const bad of ['{"memories":[', '', '[]', 'null', '{"__proto__":{"admin":true}}', { ...good, surplus: 1 }]) {
        const answer = await post(path, bad);
        expect([path, answer.status]).toEqual([path, 400]);
        problemOf(answer);
      }
    }
    expect((await store.status()).records).toBe(0);
  });

  it('by another method learn which it may be', async () => {
    const { get, post } = await memoryServer();
    const wrong = await get('/memory/recall');
    expect([wrong.status, wrong.headers.get('allow')]).toEqual([405, 'POST']);
    const record = await post('/memory/records/a', {});
    expect([record.status, record.headers.get('allow')]).toEqual([405, 'GET, HEAD']);
    expect((await get('/memory')).status).toBe(404);
  });
});

describe('keys', () => {
  it('are wanted on every route of the memory', async () => {
    const { get, post, store } = await memoryServer({ apiKeys: ['right'] });
    const all = [
      ...GOOD.map(
        ([path, body]) =>
          (headers: Record<string, string>) =>
            post(path, body, headers),
      ),
      ...['/memory/status', '/memory/records/a'].map(
        (path) => (headers: Record<string, string>) => get(path, { headers }),
      ),
    ];
    for (const ask of all) {
      for (const headers of [{}, { authorization: 'Bearer wrong' }]) {
        const answer = await ask(headers);
        expect([answer.status, answer.headers.get('www-authenticate')]).toEqual([401, 'Bearer']);
        problemOf(answer);
      }
    }
    expect((await store.status()).records).toBe(0);
    for (const ask of all) expect((await ask({ 'x-api-key': 'right' })).status).not.toBe(401);
    expect((await store.status()).records).toBe(1);
  });
});

describe('a page whose name comes to resolve to this machine', () => {
  const ask = async (url: string, host: string, headers: readonly string[] = []): Promise<number | undefined> => {
    const connection = await RawConnection.open(url);
    const lines = ['GET /memory/status HTTP/1.1', `host: ${host}`, 'connection: close', ...headers];
    await connection.write(Buffer.from(`${lines.join('\r\n')}\r\n\r\n`));
    const answer = await connection.answer();
    if (answer?.status === 403) {
      const { message } = errorOf('native', JSON.parse(answer.body), answer.headers.get('content-type'));
      expect(message).toContain('names of this machine alone');
    }
    return answer?.status;
  };

  it('reads nothing of a memory without keys', async () => {
    const { url } = await memoryServer();
    for (const host of ['evil.example', 'evil.example:8080', '127.0.0.1.evil.example', '']) {
      expect([host, await ask(url, host)]).toEqual([host, 403]);
    }
    for (const host of ['localhost:8080', '127.0.0.1', '127.0.0.9:1', '[::1]:8080']) {
      expect([host, await ask(url, host)]).toEqual([host, 200]);
    }
  });

  it('needs a key where there are some, and is the business of whoever allows anonymous requests', async () => {
    const keyed = await memoryServer({ apiKeys: ['right'] });
    expect(await ask(keyed.url, 'memory.example')).toBe(401);
    expect(await ask(keyed.url, 'memory.example', ['x-api-key: right'])).toBe(200);
    const anonymous = await memoryServer({ allowAnonymous: true });
    expect(await ask(anonymous.url, 'memory.example')).toBe(200);
    expect(await ask((await testServer()).url, 'memory.example')).toBe(404);
  });
});

describe('a server without a memory', () => {
  it('says so on every route, and how to have one', async () => {
    const { get, post } = await testServer();
    const answers = await Promise.all([
      ...GOOD.map(([path, body]) => post(path, body)),
      get('/memory/status'),
      get('/memory/records/a'),
    ]);
    for (const answer of answers) {
      expect([answer.status, answer.body]).toMatchObject([404, { code: 'NOT_FOUND' }]);
      expect(problemOf(answer).message).toContain('isovec serve --with-memory');
    }
    expect((await get('/info')).body).toMatchObject({ memory: false });
  });
});

describe('the space of a memory', () => {
  it('must be that of a served model: nothing starts otherwise', async () => {
    const [first, second] = [await loadTiny('bert-mean'), await loadTiny('bert-prompts')];
    const store = createInMemoryStore(createCognitiveEncoder(second).space);
    const error = await failure(() =>
      startServer([{ name: 'first', embedder: first }], { port: 0, memory: { store } }),
    );
    expect(error.code).toBe('SPACE_MISMATCH');
    expect(error.message).toMatch(/which no served model gives.*isovec memory reindex --model/);
  });

  it('is found among several models, also one that no request has loaded', async () => {
    const [first, second] = [await loadTiny('bert-mean'), await loadTiny('bert-prompts')];
    const store = createInMemoryStore(createCognitiveEncoder(second).space);
    const server = await startServer(
      [
        { name: 'first', embedder: first },
        { name: 'second', load: () => Promise.resolve(second) },
      ],
      { port: 0, memory: { store } },
    );
    onTestFinished(async () => {
      await server.close(0);
    });
    expect(await (await fetch(`${server.url}/memory/status`)).json()).toMatchObject({ model: 'second' });
  });

  it('may be that of meaning alone, where dimensions cannot move a query', async () => {
    const model = await loadTiny('bert-mean');
    const store = createInMemoryStore(model.space);
    const server = await startServer([{ name: 'tiny', embedder: model }], { port: 0, memory: { store } });
    onTestFinished(async () => {
      await server.close(0);
    });
    const post = async (path: string, body: object): Promise<{ status: number; body: unknown }> => {
      const headers = { 'content-type': 'application/json' };
      const answer = await fetch(server.url + path, { method: 'POST', headers, body: JSON.stringify(body) });
      return { status: answer.status, body: await answer.json() };
    };
    await post('/memory/remember', { memories: [{ content: 'the river', id: 'river' }] });
    expect((await store.vectors(['river']))[0]).toEqual(await model.encode('the river'));
    expect(await post('/memory/recall', { query: 'the river' })).toMatchObject({
      status: 200,
      body: { core: [{ memory: { id: 'river' } }] },
    });
    const moved = await post('/memory/recall', { query: 'the river', dimensions: { urgency: 1 } });
    expect(moved).toMatchObject({ status: 400, body: { code: 'INPUT_INVALID', param: 'dimensions' } });
  });
});

describe('several clients at once', () => {
  it('lose nothing of each other', async () => {
    const { post, memory: library } = await memoryServer();
    const client = async (name: string): Promise<void> => {
      for (let at = 0; at < 20; at++) {
        const content = `${name} ${at} of the river`;
        const answers = await Promise.all([
          post('/memory/remember', { memories: [{ content, id: `${name}-${at}`, tags: [name] }] }),
          post('/memory/remember', { memories: [{ content, id: `shared-${at}`, tags: ['shared'] }] }),
          post('/memory/recall', { query: content, touch: false }),
        ]);
        expect(answers.map(({ status }) => status)).toEqual([200, 200, 200]);
        if (at % 2 === 1) await post('/memory/forget', { ids: [`${name}-${at}`], confirm: true });
      }
    };
    await Promise.all([client('one'), client('two')]);
    expect(await library.status()).toMatchObject({ records: 10 + 10 + 20 });
    for (const name of ['one', 'two']) {
      const { memories } = page.parse((await post('/memory/list', { tags: [name], limit: 100 })).body);
      expect(memories.map(({ content }) => content.split(' ', 1)[0])).toEqual(new Array(10).fill(name));
    }
  });
});

describe('what is observed', () => {
  it('counts requests by route, and texts and tokens where something was embedded', async () => {
    const { get, post, model } = await memoryServer();
    const { texts } = await model.tokens.encode(['the river rose']);
    await post('/memory/remember', { memories: [{ content: 'the river rose' }] });
    await post('/memory/list', {});
    await get('/memory/records/secret-id');
    const lines = z
      .string()
      .parse((await get('/metrics')).body)
      .split('\n');
    for (const line of [
      'isovec_requests_total{model="tiny",protocol="http",route="/memory/remember",outcome="ok"} 1',
      'isovec_requests_total{model="",protocol="http",route="/memory/list",outcome="ok"} 1',
      'isovec_requests_total{model="",protocol="http",route="/memory/records/*",outcome="client_error"} 1',
      `isovec_tokens_total{model="tiny"} ${texts[0]?.fullTokenCount ?? 0}`,
      'isovec_requests_in_flight{model="tiny"} 0',
    ]) {
      expect(lines).toContain(line);
    }
    expect(lines.join('\n')).not.toContain('secret-id');
  });
});

describe('the end of a server', () => {
  it('remembers what was accepted and refuses the rest', async () => {
    const { post, get, close, model, store } = await memoryServer();
    const texts = Array.from({ length: 500 }, (_, at) => ({ content: `the river rose ${at}` }));
    const open = post('/memory/remember', { memories: texts });
    while (model.health().pendingTexts === 0) await sleep(1);
    const closed = close(20_000);
    const refused = await Promise.all([post('/memory/recall', { query: 'a' }), get('/memory/status')]);
    for (const answer of refused) {
      expect([answer.status, answer.body]).toMatchObject([503, { code: 'PROVIDER_UNAVAILABLE' }]);
    }
    expect((await open).status).toBe(200);
    expect(await closed).toBe(true);
    // The store is not the server's to close.
    expect((await store.status()).records).toBe(500);
  });
});
