import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';

import { linePlot } from '#src/bench/index.js';
import { profileOf } from '#src/memory/cognitive/cognitive-dimensions.js';
import type { MemoryFilter } from '#src/memory/memory-filter.js';
import { openPgvectorStore } from '#src/memory/stores/pgvector/pgvector-store.js';
import { openSqliteStore } from '#src/memory/stores/sqlite/sqlite-store.js';
import type { MemoryStore, StoredMemory } from '#src/memory/stores/store.js';
import { declaredSpace } from '#src/models/embedding-space.js';
import { BestScores } from '#src/vector/best-scores.js';
import { cosine } from '#src/vector/index.js';

import { median, percentile } from '../engine/percentile.js';

// What memories in a SQLite file, or in PostgreSQL, cost: writing them in batches and one by one, the ten nearest with and without filters, how many of
// the ten exact ones are found, file and memory. Vectors are those of 384 + 16 dimensions around centres, as texts of topics are.
// Run with `npm run bench:memory -- --sizes 1000,10000,100000`, with `--plot FILE.svg` for a plot, and with
// `--postgres postgresql://user:password@host/database` for PostgreSQL, where each size gets a schema of its own, which stays.

const { values } = parseArgs({
  options: {
    sizes: { type: 'string', default: '1000,10000,100000' },
    queries: { type: 'string', default: '60' },
    postgres: { type: 'string' },
    plot: { type: 'string' },
  },
});
const DIMENSIONS = 400;
const CENTRES = 200;
const BATCH = 500;
const LIMIT = 10;
const QUERIES = Number(values.queries);
const YEAR = 365 * 86_400_000;

let state = 1;
function random(): number {
  state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
  return state / 2 ** 32;
}

const centres = Array.from({ length: CENTRES }, () => Float32Array.from({ length: DIMENSIONS }, () => random() - 0.5));
function vector(): Float32Array {
  const centre = centres[Math.floor(random() * CENTRES)] ?? new Float32Array(DIMENSIONS);
  const made = centre.map((value) => value + (random() - 0.5) * 1.6);
  const length = Math.hypot(...made);
  return made.map((value) => value / length);
}

function memory(number: number): StoredMemory {
  const at = 1_700_000_000_000 + Math.floor(random() * YEAR);
  const record = {
    id: `memory-${String(number).padStart(9, '0')}`,
    content: `memory number ${number}, which says something of about a hundred characters about a topic of its own`,
    level: 2 as const,
    kind: 'episodic' as const,
    dimensions: profileOf({ urgency: random() }),
    importance: 0.5,
    strength: 0.5,
    accessCount: 0,
    tags: [`topic-${number % 20}`, number % 100 === 0 ? 'rare' : 'common'],
    source: undefined,
    parentId: undefined,
    createdAt: at,
    modifiedAt: at,
    sourceAt: undefined,
    accessedAt: undefined,
    metadata: {},
  };
  return { record, vector: vector() };
}

const FILTERS: Readonly<Record<string, MemoryFilter>> = {
  none: {},
  'a tag of 5 %': { anyTags: ['topic-3'] },
  'a tag of 99 %': { anyTags: ['common'] },
  'a month': { since: 1_700_000_000_000 + YEAR / 2, until: 1_700_000_000_000 + YEAR / 2 + YEAR / 12 },
};

/** The ids of the ten nearest to each query, found by comparing all that a store holds. */
async function exactIds(store: MemoryStore, queries: readonly Float32Array[]): Promise<Set<string>[]> {
  const best = queries.map(() => new BestScores(LIMIT));
  const ids: string[] = [];
  for (;;) {
    const page = (await store.list({ after: ids.at(-1) ?? '', limit: BATCH })).map(({ id }) => id);
    for (const [at, one] of (await store.vectors(page)).entries()) {
      for (const [query, scores] of best.entries()) {
        scores.offer(ids.length + at, cosine(queries[query] ?? new Float32Array(), one ?? new Float32Array()));
      }
    }
    ids.push(...page);
    if (page.length < BATCH) return best.map((scores) => new Set(scores.sorted().map(({ index }) => ids[index] ?? '')));
  }
}

/** Times of the queries with one filter, and what was found. */
async function ask(
  store: MemoryStore,
  queries: readonly Float32Array[],
  filter: MemoryFilter,
): Promise<{ readonly times: number[]; readonly found: string[][] }> {
  const times: number[] = [];
  const found: string[][] = [];
  for (const query of queries) {
    const started = performance.now();
    const result = await store.search(query, { limit: LIMIT, filter });
    times.push(performance.now() - started);
    found.push(result.map(({ record }) => record.id));
  }
  return { times, found };
}

/** Milliseconds of each change. */
async function put(store: MemoryStore, changes: Iterable<StoredMemory[]>): Promise<number[]> {
  const times: number[] = [];
  for (const memories of changes) {
    const started = performance.now();
    await store.apply({ put: memories });
    times.push(performance.now() - started);
  }
  return times;
}

function* memories(first: number, count: number, batch: number): Generator<StoredMemory[]> {
  for (let at = first; at < first + count; at += batch) {
    yield Array.from({ length: Math.min(batch, first + count - at) }, (_, one) => memory(at + one));
  }
}

const folder = await mkdtemp(path.join(tmpdir(), 'isovec-memory-'));
const lines = new Map(Object.keys(FILTERS).map((name) => [name, [] as [number, number][]]));
try {
  for (const size of values.sizes.split(',').map(Number)) {
    const space = declaredSpace({ model: 'bench', dimensions: DIMENSIONS });
    const schema = `isovec_bench_${process.pid}_${size}`;
    await using store = await (values.postgres === undefined
      ? openSqliteStore({ file: path.join(folder, `${size}.db`), space })
      : openPgvectorStore({ connectionString: values.postgres, schema, space }));
    const inserting = (await put(store, memories(0, size, BATCH))).reduce((sum, time) => sum + time, 0);
    const singles = await put(store, memories(size, 50, 1));
    const { bytes = 0 } = await store.status();
    console.log(
      `\n${size} memories: ${Math.round((size / inserting) * 1000)} a second in batches of ${BATCH}, one alone ${median(singles).toFixed(1)} ms; on disk ${(bytes / 1e6).toFixed(1)} MB`,
    );
    const queries = Array.from({ length: QUERIES }, vector);
    for (const [name, filter] of Object.entries(FILTERS)) {
      const { times, found } = await ask(store, queries, filter);
      lines.get(name)?.push([size, median(times)]);
      let recall = '';
      if (name === 'none') {
        // Before the comparison with everything, which takes memory of its own.
        const resident = Math.round(process.memoryUsage().rss / 1e6);
        const wanted = await exactIds(store, queries);
        const hits = found.flatMap((ids, at) => ids.filter((id) => wanted[at]?.has(id) === true)).length;
        recall = `, recall@${LIMIT} ${(hits / QUERIES / LIMIT).toFixed(4)}, process ${resident} MB`;
      }
      console.log(
        `  top ${LIMIT}, filter ${name.padEnd(13)}: P50 ${median(times).toFixed(1)} ms, P95 ${percentile(times, 0.95).toFixed(1)} ms${recall}`,
      );
    }
  }
  if (values.plot !== undefined) await writeFile(values.plot, await drawn());
} finally {
  await rm(folder, { recursive: true, force: true });
}

function drawn(): Promise<string> {
  return linePlot({
    title: 'The ten nearest memories',
    subtitle: `Median milliseconds of ${QUERIES} searches, by filter; vectors of ${DIMENSIONS} dimensions`,
    x: { title: 'memories', logarithmic: true, ticks: [1000, 10_000, 100_000, 1_000_000], format: ',' },
    y: { title: 'milliseconds', logarithmic: true },
    series: [...lines].map(([name, points]) => ({ name, points })),
    dots: true,
  });
}
