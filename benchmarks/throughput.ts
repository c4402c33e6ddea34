import { parseArgs } from 'node:util';

import { generatedTexts } from '#src/bench/generated-texts.js';
import { obtainFiles } from '#src/engine/load-model.js';
import { prepareModel } from '#src/engine/prepare-model.js';
import { readSettings } from '#src/engine/settings.js';
import { loadModel } from '#src/index.js';
import { sessionThreads } from '#src/runtime/sessions/nursery.js';
import type { SessionBatch } from '#src/runtime/sessions/messages.js';
import { TextTokenizer } from '#src/runtime/tokenizer.js';
import { WorkerPool } from '#src/runtime/worker-pool.js';
import { silentLogger } from '#src/shared/log.js';

// Texts and tokens a second of the library, beside what its sessions alone do with the same tokens: batches of one
// length made beforehand, as many threads, nothing else. The ratio is what tokenizing, scheduling and the way between
// threads leave. Rounds are interleaved, medians are shown. Run with `npm run bench`.

const { values } = parseArgs({
  options: {
    model: { type: 'string', default: 'sentence-transformers/all-MiniLM-L6-v2' },
    rounds: { type: 'string', default: '3' },
  },
});

/** Workloads by their mean length in tokens. */
const WORKLOADS = [
  { name: 'short (31)', texts: generatedTexts(31, 1200, 6, 46) },
  { name: 'medium (127)', texts: generatedTexts(127, 300, 60, 168) },
  { name: 'long (256)', texts: generatedTexts(256, 60, 250, 500) },
];
const TOKEN_BUDGET = 256;

const model = await loadModel(values.model);
const settings = readSettings();
const prepared = await prepareModel(await obtainFiles(values.model, {}, settings), settings.cacheRoot, undefined);
const tokenizer = await TextTokenizer.load(prepared.tokenizer, prepared.record.maxSequenceLength);
const { threads } = model.info();
const pool = await WorkerPool.start({
  size: threads,
  spawn: sessionThreads({ bundle: prepared.bundle, threads: 1, warmUpLengths: [8, 128] }),
  logger: silentLogger,
  onIdle: () => undefined,
});
await pool.complete();

/** Batches of one length within the budget, long ones first. */
async function batchesOf(texts: readonly string[]): Promise<SessionBatch[]> {
  const byLength = new Map<number, Int32Array[]>();
  for (const { ids } of await tokenizer.encodeBatch(texts)) {
    const group = byLength.get(ids.length);
    if (group === undefined) byLength.set(ids.length, [ids]);
    else group.push(ids);
  }
  return [...byLength]
    .sort(([left], [right]) => right - left)
    .flatMap(([length, group]) => {
      const most = Math.max(1, Math.floor(TOKEN_BUDGET / length));
      return Array.from({ length: Math.ceil(group.length / most) }, (_, part): SessionBatch => {
        const members = group.slice(part * most, (part + 1) * most);
        const ids = Int32Array.from(members.flatMap((text) => [...text]));
        return { ids, batch: members.length, length, promptLength: 0, output: 'embeddings' };
      });
    });
}

async function secondsOf(work: () => Promise<unknown>): Promise<number> {
  const started = performance.now();
  await work();
  return (performance.now() - started) / 1000;
}

function median(numbers: readonly number[]): number {
  const sorted = [...numbers].sort((left, right) => left - right);
  return sorted[sorted.length >> 1] ?? NaN;
}

const loads = await Promise.all(
  WORKLOADS.map(async ({ name, texts }) => {
    const batches = await batchesOf(texts);
    const tokens = batches.reduce((sum, { ids }) => sum + ids.length, 0);
    return { name, texts, batches, tokens, library: [] as number[], bare: [] as number[] };
  }),
);
const runBare = async (batches: readonly SessionBatch[]): Promise<void> => {
  await Promise.all(batches.map((batch) => pool.run(batch)));
};
for (let round = -1; round < Number(values.rounds); round++) {
  for (const { texts, batches, library, bare } of loads) {
    const seconds = [await secondsOf(() => model.encodeBatch(texts)), await secondsOf(() => runBare(batches))] as const;
    // The first round warms up.
    if (round < 0) continue;
    library.push(seconds[0]);
    bare.push(seconds[1]);
  }
}
console.log(`${values.model}, ${threads} threads, median of ${values.rounds} rounds`);
console.log('workload        tokens/text   texts/s   tokens/s   bare tokens/s   ratio');
for (const { name, texts, tokens, library, bare } of loads) {
  const columns = [
    name.padEnd(14),
    (tokens / texts.length).toFixed(1).padStart(12),
    (texts.length / median(library)).toFixed(0).padStart(9),
    (tokens / median(library)).toFixed(0).padStart(10),
    (tokens / median(bare)).toFixed(0).padStart(15),
    (median(bare) / median(library)).toFixed(2).padStart(7),
  ];
  console.log(columns.join(' '));
}
await pool.close();
await model.close();
