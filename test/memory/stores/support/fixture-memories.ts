import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';

import { profileOf } from '#src/memory/cognitive/cognitive-dimensions.js';
import type { MemoryRecord } from '#src/memory/memory-record.js';
import type { MemoryStore, StoreChange } from '#src/memory/stores/store.js';

import { wordEncoder } from '../../support/word-encoder.js';

/** Where stores of earlier versions are kept. */
export const FIXTURES: string = path.resolve(import.meta.dirname, '../../../fixtures/memory');
/** What all of them hold, as `everything` tells it. */
export const HELD = 'memories.json';
/** The schema of the fixtures of PostgreSQL. */
export const FIXTURE_SCHEMA = 'isovec_fixture';
/** Of the vectors in the fixtures: it must stay as it is. */
export const fixtureEncoder = (): ReturnType<typeof wordEncoder> => wordEncoder('words of fixtures', 64);

const CONTENTS = [
  'boats leave the harbour at dawn',
  'the harbour master keeps a list of boats',
  'Ä 語 🙂: texts of any kind',
  'bread needs salt, flour and time',
  'the release of May was rolled back',
  'the gateway keeps two slots',
] as const;
/** The moment of the first memory, in milliseconds since 1970. */
export const FIXTURE_START = 1_700_000_000_000;

/** The file of a store of one version, with the name of its kind. */
export function fixtureName(kind: 'sqlite' | 'pgvector', version: number): string {
  return `${kind}-${version}.${kind === 'sqlite' ? 'db' : 'sql'}`;
}

/** Versions of which there is a store, ascending. */
export function fixtureVersions(kind: 'sqlite' | 'pgvector'): readonly number[] {
  return readdirSync(FIXTURES)
    .flatMap((name) => {
      const version = Number(/-(\d+)\./.exec(name)?.[1]);
      return name === fixtureName(kind, version) ? [version] : [];
    })
    .sort((a, b) => a - b);
}

/** What every store of the fixtures holds. */
export function heldByFixtures(): string {
  return readFileSync(path.join(FIXTURES, HELD), 'utf8').trimEnd();
}

/** Fills an empty store: records with all fields, accesses, connections, and one that was changed and one that was removed. */
export async function fillFixture(store: MemoryStore): Promise<void> {
  const records = CONTENTS.map(recordOf);
  const { data } = await fixtureEncoder().encodeBatch(CONTENTS, { task: 'document', profiles: [] });
  const { dimensions } = store.space;
  const put = records.map((record, at) => ({ record, vector: data.slice(at * dimensions, (at + 1) * dimensions) }));
  const first: StoreChange = {
    put: [...put, ...put.slice(0, 1).map(({ vector, record }) => ({ record: { ...record, id: 'gone' }, vector }))],
    connect: [
      { from: 'memory 0', to: 'memory 1', type: 'related', weight: 0.5, bidirectional: true, createdAt: FIXTURE_START },
      {
        from: 'memory 4',
        to: 'memory 5',
        type: 'caused',
        weight: 1,
        bidirectional: false,
        createdAt: FIXTURE_START + 1,
      },
      { from: 'memory 0', to: 'gone', type: 'related', weight: 0.1, bidirectional: true, createdAt: FIXTURE_START },
    ],
  };
  await store.apply(first);
  await store.touch(['memory 1', 'memory 5'], FIXTURE_START + 5000);
  await store.touch(['memory 1'], FIXTURE_START + 9000);
  await store.apply({
    remove: ['gone'],
    patch: [{ id: 'memory 3', fields: { tags: ['kitchen', 'Ü'], importance: 0.9 }, modifiedAt: FIXTURE_START + 7000 }],
  });
}

function recordOf(content: string, number: number): MemoryRecord {
  return {
    id: `memory ${number}`,
    content,
    level: number === 1 ? 0 : 2,
    kind: number === 5 ? 'semantic' : 'episodic',
    dimensions: profileOf({ urgency: number / 10 }),
    importance: 0.25,
    strength: 0.5,
    accessCount: 0,
    tags: number < 2 ? ['all', 'sea'] : ['all'],
    source: number === 4 ? { path: '/notes/may.md', type: 'markdown' } : undefined,
    parentId: number === 0 ? 'memory 1' : undefined,
    createdAt: FIXTURE_START + number,
    modifiedAt: FIXTURE_START + number,
    sourceAt: number === 4 ? FIXTURE_START - 86_400_000 : undefined,
    accessedAt: undefined,
    metadata: { number, nested: { list: [1, 'zwei', null] } },
  };
}
