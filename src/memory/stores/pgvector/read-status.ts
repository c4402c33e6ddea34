import type { StoreStatus } from '../store.js';
import type { RunSql } from './postgres-pool.js';

interface CountsRow {
  readonly records: string;
  readonly episodic: string;
  readonly semantic: string;
  readonly concepts: string;
  readonly contexts: string;
  readonly episodes: string;
}

/** What a schema holds, and its bytes on disk with all indexes. */
export async function readStatus(run: RunSql, schema: string): Promise<StoreStatus> {
  const among = (condition: string): string => `COUNT(*) FILTER (WHERE ${condition})`;
  const [counts] = await run<CountsRow>(
    `SELECT COUNT(*) AS records, ${among("kind = 'episodic'")} AS episodic, ${among("kind = 'semantic'")} AS semantic,
       ${among('level = 0')} AS concepts, ${among('level = 1')} AS contexts, ${among('level = 2')} AS episodes
     FROM ${schema}.records`,
  );
  const [links] = await run<{ readonly connections: string }>(
    `SELECT COUNT(*) AS connections FROM ${schema}.connections`,
  );
  const sources = await run<{ readonly path: string; readonly type: string; readonly records: string }>(
    `SELECT source_path AS path, MIN(source_type) AS type, COUNT(*) AS records FROM ${schema}.records
     WHERE source_path IS NOT NULL GROUP BY source_path ORDER BY source_path COLLATE "C"`,
  );
  const [size] = await run<{ readonly bytes: string }>(
    `SELECT SUM(pg_total_relation_size(oid)) AS bytes FROM pg_class
     WHERE relkind = 'r' AND relnamespace = $1::regnamespace`,
    [schema],
  );
  const number = (value: string | undefined): number => Number(value ?? 0);
  return {
    records: number(counts?.records),
    connections: number(links?.connections),
    byKind: { episodic: number(counts?.episodic), semantic: number(counts?.semantic) },
    byLevel: [number(counts?.concepts), number(counts?.contexts), number(counts?.episodes)],
    sources: sources.map(({ path, type, records }) => ({ path, type, records: Number(records) })),
    bytes: number(size?.bytes),
  };
}
