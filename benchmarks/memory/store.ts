import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';

import { profileOf } from '#src/memory/cognitive/cognitive-dimensions.js';
import type { MemoryFilter } from '#src/memory/memory-filter.js';
import { openPgvectorStore } from '#src/memory/stores/pgvector/pgvector-store.js';
import { openSqliteStore } from '#src/memory/stores/sqlite/sqlite-store.js';
import type { StoredMemory } from '#src/memory/stores/store.js';
import { declaredSpace } from '#src/models/embedding-space.js';

import { median, percentile } from '../engine/percentile.js';

// What memories in a SQLite file, or in PostgreSQL, cost: writing them in batches and one by one, the ten nearest with and without filters, how many of
// the ten exact ones are found, file and memory. Vectors are those of 384 + 16 dimensions around centres, as texts of topics are.
// Run with `npm run bench:memory -- --sizes 1000,10000,100000`, and with `--postgres postgresql://user:password@host/database` for
// PostgreSQL, where each size gets a schema of its own, which stays.

const { values } = parseArgs({
  options: {
    sizes: { type: 'string', default: '1000,10000,100000' },
    queries: { type: 'string', default: '60' },
    postgres: { type: 'string' },
    json: { type: 'boolean', default: false },
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

function exact(all: readonly StoredMemory[], query: Float32Array): Set<string> {
  const scored = all.map(({ record, vector: one }) => {
    let product = 0;
    for (let i = 0; i < DIMENSIONS; i++) product += (one[i] ?? 0) * (query[i] ?? 0);
    return { id: record.id, product };
  });
  return new Set(
    scored
      .sort((a, b) => b.product - a.product)
      .slice(0, LIMIT)
      .map(({ id }) => id),
  );
}

const folder = await mkdtemp(path.join(tmpdir(), 'isovec-memory-'));
try {
  for (const size of values.sizes.split(',').map(Number)) {
    const space = declaredSpace({ model: 'bench', dimensions: DIMENSIONS });
    const schema = `isovec_bench_${process.pid}_${size}`;
    await using store = await (values.postgres === undefined
      ? openSqliteStore({ file: path.join(folder, `${size}.db`), space })
      : openPgvectorStore({ connectionString: values.postgres, schema, space }));
    const all: StoredMemory[] = [];
    let inserting = 0;
    for (let begin = 0; begin < size; begin += BATCH) {
      const put = Array.from({ length: Math.min(BATCH, size - begin) }, (_, at) => memory(begin + at));
      if (size <= 100_000) all.push(...put);
      const started = performance.now();
      await store.apply({ put });
      inserting += performance.now() - started;
    }
    const singles: number[] = [];
    for (let at = 0; at < 50; at++) {
      const put = [memory(size + at)];
      if (size <= 100_000) all.push(...put);
      const started = performance.now();
      await store.apply({ put });
      singles.push(performance.now() - started);
    }
    const { bytes = 0 } = await store.status();
    console.log(
      `\n${size} memories: ${Math.round((size / inserting) * 1000)} a second in batches of ${BATCH}, one alone ${median(singles).toFixed(1)} ms; ` +
        `on disk ${(bytes / 1e6).toFixed(1)} MB, process ${Math.round(process.memoryUsage().rss / 1e6)} MB`,
    );
    for (const [name, filter] of Object.entries(FILTERS)) {
      const times: number[] = [];
      let found = 0;
      const queries = Array.from({ length: QUERIES }, vector);
      for (const query of queries) {
        const started = performance.now();
        const result = await store.search(query, { limit: LIMIT, filter });
        times.push(performance.now() - started);
        if (name === 'none' && all.length > 0) {
          const wanted = exact(all, query);
          found += result.filter(({ record }) => wanted.has(record.id)).length;
        }
      }
      const recall =
        name === 'none' && all.length > 0 ? `, recall@${LIMIT} ${(found / QUERIES / LIMIT).toFixed(4)}` : '';
      console.log(
        `  top ${LIMIT}, filter ${name.padEnd(13)}: P50 ${median(times).toFixed(1)} ms, P95 ${percentile(times, 0.95).toFixed(1)} ms${recall}`,
      );
    }
  }
} finally {
  await rm(folder, { recursive: true, force: true });
}
