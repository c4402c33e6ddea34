import type { MemoryFilter } from './memory-filter.js';
import type { LoadReport, MemoryInput } from './memory-input.js';
import type { MemoryRecord } from './memory-record.js';
import type { SourceContent } from './sources/source-reader.js';
import type { MemoryStore, StoredMemory } from './stores/store.js';

/** What {@link loadSource} works with. */
export interface LoadParts {
  readonly store: MemoryStore;
  readonly now: number;
  /** Embeds memories. */
  readonly stored: (inputs: readonly MemoryInput[]) => Promise<readonly StoredMemory[]>;
  readonly listed: (filter: MemoryFilter) => AsyncIterable<MemoryRecord>;
}

/**
 * Brings the memories of a source to what it tells now, in one change: new ones and those whose content is another are
 * embedded, those that it no longer tells are removed, the rest stays as it is, with what was counted of it.
 */
export async function loadSource(content: SourceContent, parts: LoadParts): Promise<LoadReport> {
  const { path, type } = content.source;
  const { store, now } = parts;
  const known = new Map<string, MemoryRecord>();
  for await (const record of parts.listed({ source: path })) known.set(record.id, record);
  const told = new Map(content.memories.map((memory) => [memory.id, memory]));
  const added = [...told.values()].filter(({ id }) => !known.has(id));
  const changed = [...told.values()].filter((memory) => {
    const record = known.get(memory.id);
    return record !== undefined && isChanged(record, memory);
  });
  const remove = [...known.keys()].filter((id) => !told.has(id));
  const put = await parts.stored([...added, ...changed].map((memory) => ({ ...memory, source: { path, type } })));
  const connect = content.connections.map((connection) => ({ ...connection, createdAt: now }));
  if (put.length > 0 || remove.length > 0) await store.apply({ remove, put, connect });
  const unchanged = told.size - added.length - changed.length;
  return { source: path, added: added.length, changed: changed.length, removed: remove.length, unchanged };
}

function isChanged(record: MemoryRecord, memory: MemoryInput): boolean {
  const { content, tags = [], level = record.level, parentId, metadata = {} } = memory;
  return (
    content !== record.content ||
    level !== record.level ||
    parentId !== record.parentId ||
    [...new Set(tags)].sort().join('\n') !== record.tags.join('\n') ||
    JSON.stringify(metadata) !== JSON.stringify(record.metadata)
  );
}
