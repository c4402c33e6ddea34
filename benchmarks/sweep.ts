import { availableParallelism } from 'node:os';
import { parseArgs } from 'node:util';

import { type AssembledEngine, assembleEngine, type EngineConstants, prepared } from './engine/assemble-engine.js';
import { median } from './engine/percentile.js';
import { weightDtype } from './engine/weight-dtype.js';

import { generatedTexts } from '#src/bench/generated-texts.js';

// Throughput for other constants of the engine than its own: tokens per batch, and narrow sessions. One constant is
// varied at a time, the rounds of its values are interleaved, medians and their ratio to the first value are shown.
// Run with `npm run bench:sweep`.

const { values } = parseArgs({
  options: {
    model: { type: 'string', default: 'sentence-transformers/all-MiniLM-L6-v2' },
    dtype: { type: 'string', default: 'float32' },
    rounds: { type: 'string', default: '5' },
    budgets: { type: 'string', default: '256,64,128,384,512,1024' },
    /** Narrow sessions. */
    threads: { type: 'string', default: `${availableParallelism()},1,${availableParallelism() + 1}` },
    /** Shares the texts of each workload are cut to, for a quick run. */
    share: { type: 'string', default: '1' },
  },
});

const share = Number(values.share);
const WORKLOADS: Readonly<Record<string, readonly string[]>> = {
  'short (31)': generatedTexts(31, 1200 * share, 6, 46),
  'medium (127)': generatedTexts(127, 300 * share, 60, 168),
  'long (256)': generatedTexts(256, 60 * share, 250, 500),
};

const model = await prepared(values.model, weightDtype(values.dtype));
const standard: EngineConstants = {
  threads: availableParallelism(),
  loneTextThreads: 1,
  tokenBudget: 256,
  calmMilliseconds: 0,
};

async function sweep(constant: 'tokenBudget' | 'threads', numbers: readonly number[]): Promise<void> {
  const engines: AssembledEngine[] = [];
  for (const number of numbers) engines.push(await assembleEngine(model, { ...standard, [constant]: number }));
  console.log(`\n${constant}`.padEnd(18) + numbers.map((number) => String(number).padStart(14)).join(''));
  for (const [name, texts] of Object.entries(WORKLOADS)) {
    const rates = engines.map(() => [] as number[]);
    for (let round = -1; round < Number(values.rounds); round++) {
      for (const [i, engine] of engines.entries()) {
        const started = performance.now();
        await engine.embed(texts);
        // The first round warms up.
        if (round >= 0) rates[i]?.push((1000 * texts.length) / (performance.now() - started));
      }
    }
    const first = median(rates[0] ?? []);
    const cells = rates.map((list) => `${median(list).toFixed(1)} (${(median(list) / first).toFixed(2)})`.padStart(14));
    console.log(name.padEnd(17) + cells.join(''));
  }
  for (const engine of engines) await engine.close();
}

const numbersOf = (list: string): number[] => list.split(',').filter(Boolean).map(Number);
console.log(
  `${values.model}, ${values.dtype}, ${availableParallelism()} cores, texts/s, median of ${values.rounds} rounds`,
);
if (values.budgets !== '') await sweep('tokenBudget', numbersOf(values.budgets));
if (values.threads !== '') await sweep('threads', numbersOf(values.threads));
