import type { MemoryFilter } from './memory-filter.js';
import type { LoadReport } from './memory-input.js';
import type { MemoryConnection, MemoryRecord } from './memory-record.js';
import { compareSource } from './sources/compare-source.js';
import type { SourceContent, SourceMemory } from './sources/source-reader.js';
import type { MemoryStore, StoredMemory } from './stores/store.js';

/** What {@link loadSource} works with. */
export interface LoadParts {
  readonly store: MemoryStore;
  readonly now: number;
  readonly listed: (filter: MemoryFilter) => AsyncIterable<MemoryRecord>;
  readonly records: (memories: readonly SourceMemory[]) => Promise<readonly MemoryRecord[]>;
  /** Gives memories their vectors. */
  readonly embedded: (records: readonly MemoryRecord[]) => Promise<readonly StoredMemory[]>;
}

/**
 * Brings the memories of a source to what it tells now, in one change: what has a new content is embedded, what it no longer
 * tells is removed, and all else keeps its vector and what was counted of it. With `dryRun` nothing is changed.
 */
export async function loadSource(content: SourceContent, parts: LoadParts, dryRun: boolean): Promise<LoadReport> {
  const { path, type } = content.source;
  const { store } = parts;
  const stored: MemoryRecord[] = [];
  for await (const record of parts.listed({ source: path })) stored.push(record);
  const { added, changed, removed, unchanged, embed } = compareSource(stored, content);
  const report = {
    source: path,
    added: added.length,
    changed: changed.length,
    removed: removed.length,
    unchanged: unchanged.length,
    dryRun,
  };
  if (dryRun || added.length + changed.length + removed.length === 0) return report;
  const known = new Map(stored.map((record) => [record.id, record]));
  const recordsOf = async (memories: readonly SourceMemory[]): Promise<readonly MemoryRecord[]> => {
    const records = await parts.records(memories.map((memory) => ({ ...memory, source: { path, type } })));
    return records.map((record) => {
      // What was made of it since stays: a source does not know of consolidating.
      const { kind, strength, importance } = known.get(record.id) ?? record;
      return { ...record, kind, strength, importance };
    });
  };
  const embedIds = new Set(embed.map(({ id }) => id));
  const kept = await recordsOf(changed.filter(({ id }) => !embedIds.has(id)));
  const vectors = await store.vectors(kept.map(({ id }) => id));
  const withVectors = kept.flatMap((record, at): StoredMemory[] => {
    const vector = vectors[at];
    return vector === undefined ? [] : [{ record, vector }];
  });
  // Kept ones that were forgotten meanwhile are embedded with the new ones.
  const lost = kept.filter((_record, at) => vectors[at] === undefined);
  const put = [...withVectors, ...(await parts.embedded([...(await recordsOf(embed)), ...lost]))];
  const connect = content.connections.map((connection) => ({ ...connection, createdAt: parts.now }));
  await store.apply({ remove: removed, put, connect, disconnect: await outdated(content, store) });
  return report;
}

/** Connections between memories of the source, of the types that it makes, which it no longer tells. */
async function outdated(content: SourceContent, store: MemoryStore): Promise<readonly MemoryConnection[]> {
  const key = ({ from, to, type }: Pick<MemoryConnection, 'from' | 'to' | 'type'>): string =>
    JSON.stringify([from, to, type]);
  const told = new Set(content.connections.map(key));
  const types = new Set(content.connections.map(({ type }) => type));
  const ids = content.memories.map(({ id }) => id);
  const own = new Set(ids);
  const known = await store.connections(ids);
  return known.filter((one) => types.has(one.type) && own.has(one.from) && own.has(one.to) && !told.has(key(one)));
}
