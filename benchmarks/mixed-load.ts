import { availableParallelism } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';

import { type AssembledEngine, assembleEngine, prepared } from './engine/assemble-engine.js';
import { median, percentile } from './engine/percentile.js';
import { weightDtype } from './engine/weight-dtype.js';

import { generatedTexts } from '#src/bench/generated-texts.js';
import { seededRandom } from '#src/bench/seeded-random.js';

// What a session of several threads for lone texts does to latency and throughput: alone, with several clients, beside
// a corpus, and under random arrivals. Each engine has the same narrow sessions; they differ in the threads for lone
// texts and in how long overlap keeps every text on one thread. Rounds are interleaved, medians are shown.
// Run with `npm run bench:mixed-load`.

const { values } = parseArgs({
  options: {
    model: { type: 'string', default: 'sentence-transformers/all-MiniLM-L6-v2' },
    dtype: { type: 'string', default: 'float32' },
    rounds: { type: 'string', default: '3' },
    /** Seconds of each scenario. */
    seconds: { type: 'string', default: '2' },
    /** Milliseconds without overlap after which a text is lone again. */
    calm: { type: 'string', default: '0,100' },
    scenarios: { type: 'string', default: 'short,long,clients2,clients4,corpus,random10,random50' },
  },
});

interface Outcome {
  readonly latencies: number[];
  readonly texts: number;
  readonly seconds: number;
}

const SHORT = generatedTexts(12, 64, 8, 10);
const LONG = generatedTexts(256, 16, 250, 300);
const CORPUS = generatedTexts(31, 600, 6, 46);
const length = Number(values.seconds) * 1000;

/** Calls one after another until the time is over, `clients` of them at once. */
async function closedLoop(engine: AssembledEngine, texts: readonly string[], clients: number): Promise<Outcome> {
  const latencies: number[] = [];
  const begun = performance.now();
  const client = async (first: number): Promise<void> => {
    for (let i = first; performance.now() - begun < length; i++) {
      const started = performance.now();
      await engine.embed([texts[i % texts.length] ?? '']);
      latencies.push(performance.now() - started);
    }
  };
  await Promise.all(Array.from({ length: clients }, (_, i) => client(i * 7)));
  return { latencies, texts: latencies.length, seconds: (performance.now() - begun) / 1000 };
}

/** A corpus at low priority, and an urgent short text every 50 ms; texts count the corpus. */
async function besideCorpus(engine: AssembledEngine): Promise<Outcome> {
  const latencies: number[] = [];
  const begun = performance.now();
  let texts = 0;
  const corpus = async (): Promise<void> => {
    while (performance.now() - begun < length) {
      await engine.embed(CORPUS, 2);
      texts += CORPUS.length;
    }
  };
  const done = corpus();
  for (let i = 0; performance.now() - begun < length; i++) {
    const started = performance.now();
    await engine.embed([SHORT[i % SHORT.length] ?? ''], 0);
    latencies.push(performance.now() - started);
    await sleep(50);
  }
  await done;
  return { latencies, texts, seconds: (performance.now() - begun) / 1000 };
}

/** Texts at random times (a Poisson process), one in ten of them long; latency counts from the intended start. */
async function randomArrivals(engine: AssembledEngine, perSecond: number): Promise<Outcome> {
  const random = seededRandom(perSecond);
  const latencies: number[] = [];
  const calls: Promise<void>[] = [];
  const begun = performance.now();
  for (let due = 0; due < length; due += (-Math.log(1 - random()) * 1000) / perSecond) {
    const wait = due - (performance.now() - begun);
    if (wait > 0) await sleep(wait);
    const texts = random() < 0.1 ? LONG : SHORT;
    calls.push(
      engine.embed([texts[Math.floor(random() * texts.length)] ?? '']).then(() => {
        latencies.push(performance.now() - begun - due);
      }),
    );
  }
  await Promise.all(calls);
  return { latencies, texts: calls.length, seconds: (performance.now() - begun) / 1000 };
}

const SCENARIOS: Readonly<Record<string, (engine: AssembledEngine) => Promise<Outcome>>> = {
  short: (engine) => closedLoop(engine, SHORT, 1),
  long: (engine) => closedLoop(engine, LONG, 1),
  clients2: (engine) => closedLoop(engine, SHORT, 2),
  clients4: (engine) => closedLoop(engine, SHORT, 4),
  corpus: besideCorpus,
  random10: (engine) => randomArrivals(engine, 10),
  random50: (engine) => randomArrivals(engine, 50),
};

const model = await prepared(values.model, weightDtype(values.dtype));
const threads = availableParallelism();
const base = { threads, tokenBudget: 256, calmMilliseconds: 0 };
const engines = [
  { name: 'one thread', engine: await assembleEngine(model, { ...base, loneTextThreads: 1 }) },
  ...(await Promise.all(
    values.calm.split(',').map(async (calm) => ({
      name: `${threads} threads, calm ${calm}`,
      engine: await assembleEngine(model, { ...base, loneTextThreads: threads, calmMilliseconds: Number(calm) }),
    })),
  )),
];
console.log(
  `${values.model}, ${values.dtype}, ${threads} cores, median of ${values.rounds} rounds of ${values.seconds} s`,
);
console.log('scenario    engine                P50 ms   P99 ms   texts/s   ratio');
for (const scenario of values.scenarios.split(',')) {
  const run = SCENARIOS[scenario];
  if (run === undefined) throw new Error(`No scenario ${scenario}; there are ${Object.keys(SCENARIOS).join(', ')}.`);
  const outcomes = engines.map(() => [] as Outcome[]);
  for (let round = 0; round < Number(values.rounds); round++) {
    for (const [i, { engine }] of engines.entries()) {
      await sleep(150);
      outcomes[i]?.push(await run(engine));
    }
  }
  const rates = outcomes.map((list) => median(list.map(({ texts, seconds }) => texts / seconds)));
  engines.forEach(({ name }, i) => {
    const figure = (share: number): string =>
      median((outcomes[i] ?? []).map(({ latencies }) => percentile(latencies, share)))
        .toFixed(2)
        .padStart(8);
    const rate = (rates[i] ?? 0).toFixed(1).padStart(9);
    const ratio = ((rates[i] ?? 0) / (rates[0] ?? 1)).toFixed(2).padStart(7);
    console.log(`${scenario.padEnd(11)} ${name.padEnd(20)} ${figure(0.5)} ${figure(0.99)} ${rate} ${ratio}`);
  });
}
for (const { engine } of engines) await engine.close();
