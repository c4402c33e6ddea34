import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { compareSource, type StoredSourceMemory } from '#src/memory/sources/compare-source.js';
import type { SourceMemory } from '#src/memory/sources/source-reader.js';

/** As a store would give it back. */
function stored(memory: SourceMemory): StoredSourceMemory {
  return {
    id: memory.id,
    content: memory.content,
    level: memory.level ?? 2,
    tags: [...(memory.tags ?? [])].reverse(),
    parentId: memory.parentId,
    sourceAt: memory.sourceAt,
    metadata: structuredClone(memory.metadata ?? {}),
  };
}

const memory: SourceMemory = {
  id: 'a',
  content: 'Text',
  level: 2,
  tags: ['x', 'y'],
  parentId: 'p',
  sourceAt: 5,
  metadata: { file: 'a.md', headings: ['A'] },
};

describe('comparing a source with what is stored of it', () => {
  it('says what is new, gone and the same', () => {
    const [kept, gone, fresh] = ['kept', 'gone', 'fresh'].map((id): SourceMemory => ({ ...memory, id }));
    if (kept === undefined || gone === undefined || fresh === undefined) throw new Error('three were made');
    expect(compareSource([stored(kept), stored(gone)], { memories: [fresh, kept] })).toEqual({
      added: [fresh],
      changed: [],
      removed: ['gone'],
      unchanged: ['kept'],
      embed: [fresh],
    });
  });

  it.each<[string, Partial<SourceMemory>]>([
    ['tags', { tags: ['x'] }],
    ['parent', { parentId: 'q' }],
    ['moment', { sourceAt: 6 }],
    ['place', { metadata: { file: 'a.md', headings: ['B'] } }],
    ['level', { level: 1 }],
  ])('says that one with another %s is changed, and needs no vector', (_, change) => {
    const now = { ...memory, ...change };
    const result = compareSource([stored(memory)], { memories: [now] });
    expect(result).toMatchObject({ changed: [now], added: [], removed: [], unchanged: [], embed: [] });
  });

  it('says that one with another text needs a vector', () => {
    const now = { ...memory, content: 'Other text' };
    expect(compareSource([stored(memory)], { memories: [now] })).toMatchObject({ changed: [now], embed: [now] });
  });

  it('finds nothing to do in what was just stored', () => {
    const any = fc.uniqueArray(
      fc.record({
        id: fc.string(),
        content: fc.string(),
        tags: fc.array(fc.string()),
        metadata: fc.dictionary(fc.string(), fc.string(), { noNullPrototype: true }),
      }),
      { selector: ({ id }) => id },
    );
    fc.assert(
      fc.property(any, (memories) => {
        const result = compareSource(memories.map(stored), { memories });
        expect(result.unchanged).toEqual(memories.map(({ id }) => id));
        expect([...result.added, ...result.changed, ...result.removed, ...result.embed]).toEqual([]);
      }),
    );
  });
});
