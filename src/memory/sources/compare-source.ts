import { isDeepStrictEqual } from 'node:util';
import type { MemoryRecord } from '../memory-record.js';
import type { SourceContent, SourceMemory } from './source-reader.js';

/** What is compared of a memory that is stored. */
export type StoredSourceMemory = Pick<
  MemoryRecord,
  'id' | 'content' | 'level' | 'tags' | 'parentId' | 'sourceAt' | 'metadata'
>;

/** What loading a source again would change. */
export interface SourceComparison {
  /** Memories that are not stored. */
  readonly added: readonly SourceMemory[];
  /** Memories that are stored with something else: another text, tags, parent, moment, place. */
  readonly changed: readonly SourceMemory[];
  /** Ids of stored memories that the source no longer tells. */
  readonly removed: readonly string[];
  /** Ids of memories that are stored as the source tells them. */
  readonly unchanged: readonly string[];
  /** Those of {@link added} and {@link changed} whose content is new: they alone need a vector. */
  readonly embed: readonly SourceMemory[];
}

/**
 * Compares what is stored of a source with what it tells now. Pure. What the memory itself made of a record afterwards is not
 * compared: its kind (consolidating changes it), importance, strength and dimensions.
 */
export function compareSource(
  stored: readonly StoredSourceMemory[],
  content: Pick<SourceContent, 'memories'>,
): SourceComparison {
  const known = new Map(stored.map((record) => [record.id, record]));
  const added: SourceMemory[] = [];
  const changed: SourceMemory[] = [];
  const unchanged: string[] = [];
  const embed: SourceMemory[] = [];
  const told = new Set<string>();
  for (const memory of content.memories) {
    told.add(memory.id);
    const record = known.get(memory.id);
    if (record === undefined) added.push(memory);
    else if (isSame(record, memory)) unchanged.push(memory.id);
    else changed.push(memory);
    if (record?.content !== memory.content) embed.push(memory);
  }
  const removed = stored.filter(({ id }) => !told.has(id)).map(({ id }) => id);
  return { added, changed, removed, unchanged, embed };
}

function isSame(record: StoredSourceMemory, memory: SourceMemory): boolean {
  return (
    record.content === memory.content &&
    record.level === (memory.level ?? 2) &&
    record.parentId === memory.parentId &&
    record.sourceAt === memory.sourceAt &&
    isDeepStrictEqual(record.tags.toSorted(), (memory.tags ?? []).toSorted()) &&
    isDeepStrictEqual(record.metadata, memory.metadata ?? {})
  );
}
