import { Memory } from '#src/memory/memory.js';
import type { MemoryInput } from '#src/memory/memory-input.js';
import { DEFAULT_RANKING } from '#src/memory/ranking/ranking-settings.js';
import { createInMemoryStore } from '#src/memory/stores/in-memory-store.js';
import { beforeEach, describe, expect, it } from 'vitest';

import { failure } from '../engine/support/tiny-model.js';
import { wordEncoder } from './support/word-encoder.js';

const DAY = 86_400_000;
const START = 1_700_000_000_000;

let now: number;
let encoder: ReturnType<typeof wordEncoder>;
let memory: Memory;

function open(other = encoder): Memory {
  return new Memory({ store: createInMemoryStore(other.space), encoder: other, now: () => now });
}

beforeEach(() => {
  now = START;
  encoder = wordEncoder();
  memory = open();
});

async function* lines(all: readonly string[]): AsyncGenerator<string> {
  await Promise.resolve();
  yield* all;
}

async function collected(items: AsyncIterable<string>): Promise<string[]> {
  const all: string[] = [];
  for await (const item of items) all.push(item);
  return all;
}

describe('remembering', () => {
  it('fills in what was not said', async () => {
    const [record] = await memory.remember(['the harbour at dawn']);
    expect(record).toMatchObject({
      content: 'the harbour at dawn',
      level: 2,
      kind: 'episodic',
      importance: 0.5,
      accessCount: 0,
      createdAt: START,
      tags: [],
    });
    expect(await memory.get([record?.id ?? ''])).toEqual([record]);
  });

  it.each<[string, unknown, string]>([
    ['a blank content', { content: ' \n' }, 'content'],
    ['no content', { content: 5 }, 'content'],
    ['half a character', { content: 'a \ud800' }, 'content'],
    ['a character that ends texts in a database', { content: 'a\0b' }, 'content'],
    ['too much', { content: 'a'.repeat(100_001) }, 'content'],
    ['an unknown level', { content: 'a', level: 3 }, 'level'],
    ['an unknown kind', { content: 'a', kind: 'dream' }, 'kind'],
    ['an importance above 1', { content: 'a', importance: 1.5 }, 'importance'],
    ['an importance that is no number', { content: 'a', importance: NaN }, 'importance'],
    ['an unknown dimension', { content: 'a', dimensions: { joy: 1 } }, 'dimensions'],
    ['a dimension above 1', { content: 'a', dimensions: { urgency: 2 } }, 'dimensions.urgency'],
    ['a tag of no characters', { content: 'a', tags: [''] }, 'tags'],
    ['an id with a line break', { content: 'a', id: 'x\ny' }, 'id'],
    ['an id that no address can hold', { content: 'a', id: '.' }, 'id'],
    ['an id that leads out of an address', { content: 'a', id: '..' }, 'id'],
    ['a moment that is none', { content: 'a', sourceAt: 1e99 }, 'sourceAt'],
  ])('refuses %s, and keeps nothing of the call', async (_name, input, field) => {
    const error = await failure(() => memory.remember(['good', input as MemoryInput]));
    expect(error).toMatchObject({ code: 'INPUT_INVALID', data: { index: 1, field } });
    expect((await memory.status()).records).toBe(0);
  });

  it('ends with the signal, and keeps nothing', async () => {
    await expect(memory.remember(['a'], { signal: AbortSignal.abort() })).rejects.toThrow();
    expect((await memory.status()).records).toBe(0);
  });

  it('lets others have a turn while long texts are read', async () => {
    const texts = Array.from({ length: 20 }, () => 'the harbour at dawn '.repeat(5000));
    let turns = 0;
    const count = (): void => {
      turns++;
      next = setImmediate(count);
    };
    let next = setImmediate(count);
    // Whether anything else runs meanwhile: encoder and store of this test do not wait for anything.
    await memory.remember(texts);
    clearImmediate(next);
    expect(turns).toBeGreaterThan(3);
  });

  it('needs an encoder of the store', () => {
    const other = wordEncoder('others');
    expect(() => new Memory({ store: createInMemoryStore(other.space), encoder })).toThrow(/isovec memory reindex/);
  });
});

describe('recalling', () => {
  it('gives what is near as core and periphery, with what each score is made of', async () => {
    await memory.remember([
      { id: 'same', content: 'boats leave the harbour at dawn' },
      { id: 'near', content: 'boats in the harbour of a town that I know' },
      { id: 'far', content: 'my password does not work' },
    ]);
    const { core, peripheral } = await memory.recall('boats leave the harbour at dawn');
    expect(core.map(({ record }) => record.id)).toEqual(['same']);
    expect(peripheral.map(({ record }) => record.id)).toEqual(['near']);
    expect(core[0]?.parts).toMatchObject({ access: 0, kept: 1 });
    expect(core[0]?.parts.similarity).toBeCloseTo(1, 6);
    expect(core[0]?.value).toBeCloseTo(1 + DEFAULT_RANKING.forImportance * 0.5, 6);
  });

  it('counts accesses of the core, which raise a score up to a limit, and lets it fade', async () => {
    await memory.remember([{ id: 'a', content: 'boats in the harbour', importance: 0 }]);
    const value = async (touch: boolean): Promise<number> =>
      (await memory.recall('boats in the harbour', { touch })).core[0]?.value ?? 0;
    expect(await value(true)).toBeCloseTo(1, 6);
    expect(await value(false)).toBeCloseTo(1.1, 6);
    for (let i = 0; i < 9; i++) await value(true);
    expect(await value(false)).toBeCloseTo(1.5, 6);
    now += 10 * DAY;
    expect(await value(false)).toBeCloseTo(1.5 * 0.9, 6);
    now += 1000 * DAY;
    expect((await memory.recall('boats in the harbour')).core).toEqual([]);
  });

  it('goes along connections, as far as it is allowed to, and back where they lead back', async () => {
    await memory.remember([
      { id: 'start', content: 'boats in the harbour', importance: 1 },
      { id: 'next', content: 'alpha' },
      { id: 'second', content: 'beta' },
      { id: 'third', content: 'gamma' },
      { id: 'behind', content: 'delta' },
    ]);
    await memory.relate([
      { from: 'start', to: 'next' },
      { from: 'next', to: 'second' },
      { from: 'second', to: 'third' },
      { from: 'behind', to: 'start', bidirectional: false },
    ]);
    const { core, peripheral } = await memory.recall('boats in the harbour', { touch: false });
    const found = [...core, ...peripheral];
    expect(found.map(({ record }) => record.id)).toEqual(['start', 'next', 'second']);
    expect(found[1]).toMatchObject({ parts: { spread: { from: 'start', steps: 1 } } });
    expect(found[1]?.value).toBeCloseTo(1.3 * 0.8, 5);
    expect(found[2]?.value).toBeCloseTo(1.3 * 0.8 * 0.8, 5);
  });

  it('builds bridges to what is far from the query and near to what it brought to mind', async () => {
    await memory.remember([
      { id: 'start', content: 'boats in the harbour' },
      { id: 'bridge', content: 'alpha', importance: 0 },
      { id: 'other', content: 'omega', importance: 0 },
    ]);
    await memory.relate([{ from: 'start', to: 'bridge', weight: 0.4 }]);
    const { bridges } = await memory.recall('boats in the harbour');
    // The other one is as new, and has nothing to do with what was found.
    expect(bridges.map(({ record }) => record.id)).toEqual(['bridge']);
    expect(bridges[0]).toMatchObject({ parts: { to: 'start', link: 0.4 } });
    expect(bridges[0]?.value).toBeCloseTo(0.6 + 0.4 * 0.4, 5);
  });

  it('builds no bridge within a whole, whose parts belong together anyway', async () => {
    await memory.remember([
      { id: 'part', content: 'boats in the harbour', parentId: 'whole' },
      { id: 'whole', content: 'alpha', importance: 0 },
      { id: 'sibling', content: 'beta', importance: 0, parentId: 'whole' },
      { id: 'stranger', content: 'gamma', importance: 0 },
    ]);
    await memory.relate(['whole', 'sibling', 'stranger'].map((to) => ({ from: 'part', to, weight: 0.5 })));
    const { bridges } = await memory.recall('boats in the harbour');
    expect(bridges.map(({ record }) => record.id)).toEqual(['stranger']);
  });

  it('names the nearest memories only if none comes to mind', async () => {
    await memory.remember([
      { id: 'near', content: 'boats in the harbour', importance: 0 },
      { id: 'far', content: 'alpha', importance: 0 },
    ]);
    expect((await memory.recall('boats in the harbour', { touch: false })).nearest).toEqual([]);
    now += 1000 * DAY;
    const { core, peripheral, nearest } = await memory.recall('boats in the harbour');
    expect([...core, ...peripheral]).toEqual([]);
    expect(nearest.map(({ record }) => record.id)).toEqual(['near', 'far']);
    expect(nearest[0]?.value).toBeCloseTo(0.1, 6);
  });

  it('keeps to its filter, also along connections', async () => {
    await memory.remember([
      { id: 'in', content: 'boats in the harbour', tags: ['sea'] },
      { id: 'out', content: 'boats in the harbour', tags: ['land'] },
      { id: 'linked', content: 'alpha', tags: ['land'] },
    ]);
    await memory.relate([{ from: 'in', to: 'linked' }]);
    const { core, peripheral, bridges } = await memory.recall('boats in the harbour', { anyTags: ['sea'] });
    expect([...core, ...peripheral, ...bridges].map(({ record }) => record.id)).toEqual(['in']);
  });

  it('refuses a blank query and a limit that is none', async () => {
    expect((await failure(() => memory.recall(' '))).code).toBe('INPUT_INVALID');
    expect((await failure(() => memory.recall('a', { limit: 0 }))).code).toBe('CONFIG_INVALID');
  });
});

describe('forgetting', () => {
  it('says first what it would remove, and asks for a condition', async () => {
    await memory.remember([
      { id: 'a', content: 'one', tags: ['x'] },
      { id: 'b', content: 'two', tags: ['x', 'y'] },
      { id: 'c', content: 'three' },
    ]);
    expect((await failure(() => memory.forget({}))).code).toBe('CONFIG_INVALID');
    expect((await failure(() => memory.forget({ ids: [] }))).code).toBe('CONFIG_INVALID');
    const asked = await memory.forget({ anyTags: ['x'] }, { dryRun: true });
    expect([asked.dryRun, asked.removed.map(({ id }) => id)]).toEqual([true, ['a', 'b']]);
    expect((await memory.status()).records).toBe(3);
    await memory.forget({ allTags: ['x', 'y'] });
    expect((await memory.get(['a', 'b', 'c'])).map((record) => record?.id)).toEqual(['a', undefined, 'c']);
  });
});

it('consolidating makes knowledge of what was recalled often', async () => {
  await memory.remember([
    { id: 'a', content: 'boats in the harbour' },
    { id: 'b', content: 'my password' },
  ]);
  for (let i = 0; i < 3; i++) await memory.recall('boats in the harbour');
  expect(await memory.consolidate({ accesses: 3 })).toEqual(['a']);
  expect((await memory.get(['a']))[0]).toMatchObject({ kind: 'semantic', strength: 0.7, accessCount: 3 });
  expect(await memory.consolidate({ accesses: 3 })).toEqual([]);
});

describe('loading a source', () => {
  const source = { path: '/notes', type: 'markdown' };
  const content = (memories: readonly (MemoryInput & { readonly id: string })[]) => ({
    source,
    memories,
    connections: memories.slice(1).map(({ id }, at) => ({
      from: memories[at]?.id ?? '',
      to: id,
      type: 'next',
      weight: 1,
      bidirectional: false,
    })),
  });

  it('embeds what is new alone, and forgets what is gone', async () => {
    const first = content([
      { id: 'a', content: 'one' },
      { id: 'b', content: 'two' },
      { id: 'c', content: 'three' },
    ]);
    expect(await memory.load(first)).toMatchObject({ added: 3, changed: 0, removed: 0, unchanged: 0 });
    await memory.store.touch(['a'], now);
    encoder.embedded.length = 0;
    expect(await memory.load(first)).toMatchObject({ added: 0, unchanged: 3 });
    const second = content([
      { id: 'a', content: 'one', tags: ['new'] },
      { id: 'c', content: 'drei' },
      { id: 'd', content: 'four' },
    ]);
    expect(await memory.load(second, { dryRun: true })).toMatchObject({
      added: 1,
      changed: 2,
      removed: 1,
      dryRun: true,
    });
    expect(encoder.embedded).toEqual([]);
    expect(await memory.load(second)).toMatchObject({ added: 1, changed: 2, removed: 1, unchanged: 0 });
    expect(encoder.embedded.sort()).toEqual(['drei', 'four']);
    const [a, b, c] = await memory.get(['a', 'b', 'c']);
    expect([a?.tags, a?.accessCount, b, c?.content]).toEqual([['new'], 1, undefined, 'drei']);
    const connections = await memory.store.connections(['a', 'c', 'd']);
    expect(connections.map(({ from, to }) => from + to).sort()).toEqual(['ac', 'cd']);
  });
});

describe('an archive', () => {
  async function filled(): Promise<string[]> {
    await memory.remember([
      { id: 'a', content: 'boats in the harbour', tags: ['x'], metadata: { deep: [1] }, sourceAt: 5 },
      { id: 'b', content: 'my password' },
    ]);
    await memory.relate([{ from: 'a', to: 'b', type: 'follows' }]);
    return collected(memory.export());
  }

  it('is read again as it was written, without embedding', async () => {
    const archive = await filled();
    const other = open();
    encoder.embedded.length = 0;
    expect(await other.import(lines(archive))).toEqual({ memories: 2, connections: 1, embedded: 0 });
    expect(encoder.embedded).toEqual([]);
    expect(await collected(other.export())).toEqual(archive);
  });

  it('of another space is embedded again', async () => {
    const archive = await filled();
    const words = wordEncoder('others', 32);
    const other = open(words);
    expect(await other.import(lines(archive))).toEqual({ memories: 2, connections: 1, embedded: 2 });
    expect((await other.recall('boats in the harbour')).core[0]?.record.id).toBe('a');
  });

  it.each<[string, (archive: readonly string[]) => readonly string[], string]>([
    ['no line', () => [], 'empty'],
    ['no head', ([, second = '']) => [second], 'Line 1'],
    ['a line that is no JSON', ([head = '']) => [head, '{"memory": '], 'ine 2'],
    [
      'a memory without content',
      ([head = '', one = '']) => [head, one.replace(/"content":"[^"]*"/, '"content":""')],
      'Line 2',
    ],
    ['a memory without a vector', ([head = '', one = '']) => [head, one.replace('"vector"', '"v"')], 'Line 2'],
    [
      'a connection of a weight beyond 1',
      ([head = '', , , last = '']) => [head, last.replace('"weight":1', '"weight":9')],
      'Line 2',
    ],
  ])('with %s is refused, naming the line', async (_name, spoil, place) => {
    const archive = await filled();
    const error = await failure(() => open().import(lines(spoil(archive))));
    expect([error.code, error.message]).toEqual(['FORMAT_INVALID', expect.stringContaining(place)]);
  });
});
