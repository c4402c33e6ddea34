import type { MemoryRecord } from '../memory-record.js';
import type { StoreStatus } from './store.js';

/** The counts of some memories: what a store that holds them all says of itself. */
export function statusOf(records: readonly MemoryRecord[], connections: number): StoreStatus {
  const byKind = { episodic: 0, semantic: 0 };
  const byLevel: [number, number, number] = [0, 0, 0];
  const sources = new Map<string, { path: string; type: string; records: number }>();
  for (const { kind, level, source } of records) {
    byKind[kind]++;
    byLevel[level]++;
    if (source === undefined) continue;
    const counted = sources.get(source.path) ?? { ...source, records: 0 };
    sources.set(source.path, { ...counted, records: counted.records + 1 });
  }
  const sorted = [...sources.values()].sort((a, b) => (a.path < b.path ? -1 : 1));
  return { records: records.length, connections, byKind, byLevel, sources: sorted, bytes: undefined };
}
