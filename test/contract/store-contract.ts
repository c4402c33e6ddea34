import { profileOf } from '#src/memory/cognitive/cognitive-dimensions.js';
import { meetsFilter, type MemoryFilter } from '#src/memory/memory-filter.js';
import type { MemoryConnection, MemoryRecord } from '#src/memory/memory-record.js';
import { createInMemoryStore } from '#src/memory/stores/in-memory-store.js';
import type { MemoryStore, StoredMemory } from '#src/memory/stores/store.js';
import { declaredSpace } from '#src/models/embedding-space.js';
import { cosine } from '#src/vector/index.js';
import fc from 'fast-check';
import { beforeEach, describe, expect, it, onTestFinished } from 'vitest';

import { failure } from '../engine/support/tiny-model.js';

/** Dimensions of the vectors of these tests: no multiple of what a kernel takes at a time. */
const DIMENSIONS = 20;
export const STORE_SPACE = declaredSpace({ model: 'for tests', dimensions: DIMENSIONS });

/** A deterministic vector of a number. */
export function vectorNumber(number: number): Float32Array {
  let state = number * 2654435761 + 1;
  return Float32Array.from({ length: DIMENSIONS }, () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 31 - 1;
  });
}

/** A memory by number. */
export function memoryNumber(number: number, fields: Partial<MemoryRecord> = {}): StoredMemory {
  const record: MemoryRecord = {
    id: `m${String(number).padStart(6, '0')}`,
    content: `memory number ${number}`,
    level: 2,
    kind: 'episodic',
    dimensions: profileOf({ urgency: (number % 10) / 10 }),
    importance: 0.5,
    strength: 0.5,
    accessCount: 0,
    tags: [`tag${number % 3}`, 'all'].sort(),
    source: undefined,
    parentId: undefined,
    createdAt: 1_700_000_000_000 + number * 1000,
    modifiedAt: 1_700_000_000_000 + number * 1000,
    sourceAt: undefined,
    accessedAt: undefined,
    metadata: { number, nested: { list: [1, 'zwei', null] } },
    ...fields,
  };
  return { record, vector: vectorNumber(number) };
}

function connection(from: number, to: number, fields: Partial<MemoryConnection> = {}): MemoryConnection {
  const [a, b] = [memoryNumber(from).record.id, memoryNumber(to).record.id];
  return { from: a, to: b, type: 'related', weight: 0.5, bidirectional: true, createdAt: 7, ...fields };
}

const FILTERS: readonly (readonly [name: string, filter: MemoryFilter])[] = [
  ['nothing', {}],
  ['ids', { ids: ['m000001', 'm000005', 'not there'] }],
  ['no ids', { ids: [] }],
  ['any of some tags', { anyTags: ['tag1', 'tag2'] }],
  ['all of some tags', { allTags: ['all', 'tag1'] }],
  ['levels', { levels: [0, 1] }],
  ['kinds', { kinds: ['semantic'] }],
  ['a source', { source: "it's a path" }],
  ['a time', { since: 1_700_000_003_000, until: 1_700_000_009_000 }],
  ['dimensions', { dimensions: { urgency: 0.7 } }],
  ['several conditions', { anyTags: ['tag0'], levels: [2], dimensions: { urgency: 0.2 }, since: 1_700_000_002_000 }],
];

/** Forty memories of all kinds. */
function someMemories(): StoredMemory[] {
  return Array.from({ length: 40 }, (_, number) =>
    memoryNumber(number, {
      level: [0, 1, 2][number % 3] as MemoryRecord['level'],
      kind: number % 4 === 0 ? 'semantic' : 'episodic',
      ...(number % 5 === 0 ? { source: { path: "it's a path", type: 'markdown' } } : {}),
      ...(number % 7 === 0 ? { sourceAt: 1_700_000_005_000 } : {}),
    }),
  );
}

/** How a store is opened again, for those that outlive a process. */
export interface StoreOpener {
  /** An empty store. */
  readonly open: () => Promise<MemoryStore>;
  /** The same store once more; absent for one that is gone with its process. */
  readonly reopen?: (store: MemoryStore) => Promise<MemoryStore>;
}

/** What every store keeps. */
export function storeContract(name: string, { open, reopen }: StoreOpener): void {
  describe(`the store ${name}`, () => {
    let store: MemoryStore;
    beforeEach(async () => {
      store = await open();
      onTestFinished(() => store.close());
    });

    it('gives back what was put, to the last bit', async () => {
      const odd = memoryNumber(1, {
        id: 'ünï "cödé" \u{1F600}',
        content: "line\nline\u2028 '; DROP TABLE records; --",
        source: { path: '/a/path', type: 'markdown' },
        parentId: 'm000002',
        sourceAt: 5,
        accessedAt: 6,
        accessCount: 3,
        tags: [],
      });
      await store.apply({ put: [odd, memoryNumber(2)] });
      expect(await store.get([odd.record.id, 'nobody', 'm000002'])).toEqual([
        odd.record,
        undefined,
        memoryNumber(2).record,
      ]);
      expect(await store.vectors(['nobody', odd.record.id])).toEqual([undefined, odd.vector]);
      expect(store.space.fingerprint).toBe(STORE_SPACE.fingerprint);
    });

    it('puts a memory in the place of the one of its id, and keeps its accesses, first moment and connections', async () => {
      await store.apply({ put: [memoryNumber(1), memoryNumber(2)], connect: [connection(1, 2)] });
      await store.touch(['m000001', 'm000001', 'nobody'], 9_000_000_000_000);
      const { vector } = memoryNumber(3);
      await store.apply({
        put: [{ record: memoryNumber(1, { content: 'other', createdAt: 1, tags: ['new'] }).record, vector }],
      });
      const [record] = await store.get(['m000001']);
      expect(record).toMatchObject({ content: 'other', tags: ['new'], accessCount: 1, accessedAt: 9_000_000_000_000 });
      expect(record?.createdAt).toBe(memoryNumber(1).record.createdAt);
      expect(await store.vectors(['m000001'])).toEqual([vector]);
      expect(await store.connections(['m000001'])).toEqual([connection(1, 2)]);
      const [nearest] = await store.search(vector, { limit: 1 });
      expect(nearest?.record.id).toBe('m000001');
    });

    it('makes a change as a whole or not at all', async () => {
      await store.apply({ put: [memoryNumber(1)] });
      const broken = {
        remove: ['m000001'],
        put: [memoryNumber(2)],
        connect: [connection(2, 99)],
      };
      expect((await failure(() => store.apply(broken))).code).toBe('NOT_FOUND');
      const short = { record: memoryNumber(3).record, vector: new Float32Array(DIMENSIONS - 1) };
      expect((await failure(() => store.apply({ put: [memoryNumber(2), short] }))).code).toBe('INPUT_INVALID');
      const endless = { record: memoryNumber(3).record, vector: new Float32Array(DIMENSIONS).fill(Infinity) };
      expect((await failure(() => store.apply({ put: [endless] }))).code).toBe('INPUT_INVALID');
      expect((await failure(() => store.apply({ patch: [{ id: 'no', fields: {}, modifiedAt: 1 }] }))).code).toBe(
        'NOT_FOUND',
      );
      expect(await store.list({ limit: 10 })).toEqual([memoryNumber(1).record]);
      expect((await store.search(vectorNumber(2), { limit: 5 })).map(({ record }) => record.id)).toEqual(['m000001']);
    });

    it('removes memories with their vectors and connections', async () => {
      await store.apply({
        put: [memoryNumber(1), memoryNumber(2), memoryNumber(3)],
        connect: [connection(1, 2), connection(2, 3), connection(1, 3)],
      });
      await store.apply({ remove: ['m000002', 'nobody'] });
      expect(await store.get(['m000002'])).toEqual([undefined]);
      expect(await store.vectors(['m000002'])).toEqual([undefined]);
      expect(await store.connections(['m000001', 'm000002', 'm000003'])).toEqual([connection(1, 3)]);
      expect(await store.search(vectorNumber(2), { limit: 5 })).toHaveLength(2);
      await store.apply({ disconnect: [connection(1, 3)] });
      expect(await store.connections(['m000001'])).toEqual([]);
      expect(await store.status()).toMatchObject({ records: 2, connections: 0 });
    });

    it('replaces a connection of the same ends and type alone', async () => {
      await store.apply({ put: [memoryNumber(1), memoryNumber(2)], connect: [connection(1, 2)] });
      const other = connection(1, 2, { type: 'explains', bidirectional: false });
      const back = connection(2, 1);
      const heavier = connection(1, 2, { weight: 1 });
      await store.apply({ connect: [other, back, heavier] });
      const found = await store.connections(['m000002']);
      expect(found).toHaveLength(3);
      expect(found).toEqual(expect.arrayContaining([other, back, heavier]));
    });

    it('patches each field alone', async () => {
      await store.apply({ put: [memoryNumber(1)] });
      await Promise.all([
        store.apply({ patch: [{ id: 'm000001', fields: { importance: 1 }, modifiedAt: 11 }] }),
        store.apply({
          patch: [{ id: 'm000001', fields: { kind: 'semantic', level: 0, tags: ['x'] }, modifiedAt: 11 }],
        }),
        store.apply({ patch: [{ id: 'm000001', fields: { metadata: { a: 1 }, strength: 0 }, modifiedAt: 11 }] }),
      ]);
      expect(await store.get(['m000001'])).toEqual([
        {
          ...memoryNumber(1).record,
          ...{
            importance: 1,
            kind: 'semantic',
            level: 0,
            tags: ['x'],
            metadata: { a: 1 },
            strength: 0,
            modifiedAt: 11,
          },
        },
      ]);
    });

    it.each(FILTERS)('filters by %s as the rule says, in lists and searches', async (_name, filter) => {
      const memories = someMemories();
      await store.apply({ put: memories });
      const meeting = memories.filter(({ record }) => meetsFilter(record, filter));
      const ids = meeting.map(({ record }) => record.id);
      expect((await store.list({ filter, limit: 100 })).map(({ id }) => id)).toEqual(ids);
      const query = vectorNumber(1234);
      const found = await store.search(query, { limit: 100, filter });
      const expected = meeting
        .map(({ record, vector }) => ({ id: record.id, similarity: cosine(query, vector) }))
        .sort((a, b) => b.similarity - a.similarity);
      expect(found.map(({ record }) => record.id)).toEqual(expected.map(({ id }) => id));
      for (const [at, { similarity }] of found.entries())
        expect(similarity).toBeCloseTo(expected[at]?.similarity ?? 9, 6);
    });

    it('gives equal ones by id, and no more than were asked for', async () => {
      const { vector } = memoryNumber(1);
      await store.apply({ put: [5, 3, 4, 1, 2].map((number) => ({ record: memoryNumber(number).record, vector })) });
      const found = await store.search(vector, { limit: 3 });
      expect(found.map(({ record }) => record.id)).toEqual(['m000001', 'm000002', 'm000003']);
    });

    it('gives lists in pages', async () => {
      await store.apply({ put: someMemories() });
      const first = await store.list({ limit: 15 });
      const second = await store.list({ limit: 100, after: first.at(-1)?.id ?? '' });
      expect([...first, ...second].map(({ id }) => id)).toEqual(someMemories().map(({ record }) => record.id));
    });

    it('refuses a query of other dimensions', async () => {
      expect((await failure(() => store.search(new Float32Array(3), { limit: 1 }))).code).toBe('INPUT_INVALID');
    });

    it('counts concurrent accesses and changes, and loses none', async () => {
      await store.apply({ put: someMemories() });
      const ids = ['m000001', 'm000002'];
      await Promise.all(Array.from({ length: 50 }, (_, at) => store.touch(ids, at)));
      for (const record of await store.get(ids)) expect(record).toMatchObject({ accessCount: 50, accessedAt: 49 });
    });

    it('tells what it holds', async () => {
      await store.apply({ put: someMemories(), connect: [connection(1, 2)] });
      const status = await store.status();
      expect(status).toMatchObject({ records: 40, connections: 1, byKind: { semantic: 10, episodic: 30 } });
      expect(status.byLevel).toEqual([14, 13, 13]);
      expect(status.sources).toEqual([{ path: "it's a path", type: 'markdown', records: 8 }]);
      expect(await store.verify()).toEqual([]);
    });

    it('does the same as the reference, whatever is done', async () => {
      const number = fc.integer({ min: 0, max: 12 });
      const change = fc.record({
        remove: fc.array(
          number.map((n) => memoryNumber(n).record.id),
          { maxLength: 3 },
        ),
        put: fc.array(fc.tuple(number, fc.nat(50)), { maxLength: 4 }),
        connect: fc.array(
          fc.tuple(number, number).filter(([a, b]) => a !== b),
          { maxLength: 2 },
        ),
      });
      await fc.assert(
        fc.asyncProperty(fc.array(change, { maxLength: 8 }), async (changes) => {
          const [own, reference] = [await open(), createInMemoryStore(STORE_SPACE)];
          try {
            for (const { remove, put, connect } of changes) {
              const whole = {
                remove,
                put: put.map(([n, other]) => ({ record: memoryNumber(n).record, vector: vectorNumber(other) })),
                connect: connect.map(([from, to]) => connection(from, to)),
              };
              const outcomes = await Promise.allSettled([own.apply(whole), reference.apply(whole)]);
              expect(outcomes[0].status).toBe(outcomes[1].status);
            }
            const everything = async (one: MemoryStore): Promise<unknown> => {
              const records = await one.list({ limit: 100 });
              const ids = records.map(({ id }) => id);
              const connections = (await one.connections(ids)).map((c) => JSON.stringify(c)).sort();
              return { records, vectors: await one.vectors(ids), connections };
            };
            expect(await everything(own)).toEqual(await everything(reference));
            expect(await own.verify()).toEqual([]);
          } finally {
            await own.close();
          }
        }),
        { numRuns: 12 },
      );
    });

    it('is closed for good', async () => {
      await store.close();
      await store.close();
      expect((await failure(() => store.get(['m000001']))).code).toBe('CLOSED');
      expect((await failure(() => store.apply({}))).code).toBe('CLOSED');
    });

    if (reopen !== undefined) {
      it('is the same when it is opened again', async () => {
        await store.apply({ put: someMemories(), connect: [connection(1, 2)] });
        await store.touch(['m000003'], 77);
        const before = await store.list({ limit: 100 });
        await store.close();
        const again = await reopen(store);
        onTestFinished(() => again.close());
        expect(await again.list({ limit: 100 })).toEqual(before);
        expect(await again.connections(['m000001'])).toEqual([connection(1, 2)]);
        expect((await again.search(vectorNumber(3), { limit: 1 })).map(({ record }) => record.id)).toEqual(['m000003']);
      });
    }
  });
}
