import { execFileSync } from 'node:child_process';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { cpus, platform, release, totalmem } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

import {
  measureColdStarts,
  measureCorrectness,
  measureQueries,
  measureThroughput,
  type Programme,
} from './peers/conduct.js';
import type { Contestant, PeerPlaces } from './peers/contestant.js';
import { CONTESTANTS, PREPARING_PYTHON, textEmbeddingsInference } from './peers/contestants.js';
import { goldenOf } from './peers/golden.js';
import { install, pythonOf } from './peers/install.js';
import { terminalTable } from './peers/peer-table.js';
import { preparedFolder, prepare, type Workshop } from './peers/prepare.js';
import {
  appendResults,
  type ContestantReport,
  type Correctness,
  joinRounds,
  type PeerResults,
  resultsSchema,
} from './peers/results.js';
import { Seat } from './peers/seat.js';
import { calibrationTexts, generatedWorkloads, readWorkloads } from './peers/workloads.js';

// isovec beside its peers: same texts, same machine, rounds interleaved, vectors compared with stored ones. Installs what
// it measures into .cache/peers first. Run with `npm run bench:peers`; docs/guides/compare-with-peers.md says more.

const PARTS = ['throughput', 'query', 'cold', 'correctness'] as const;

const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '3' },
    /** Names of contestants, or beginnings of them. */
    only: { type: 'string' },
    parts: { type: 'string', default: PARTS.join(',') },
    /** Folder with w1.json to w4.json; by default texts are made from a seed. */
    texts: { type: 'string' },
    /** Address of a running text-embeddings-inference server. */
    tei: { type: 'string' },
    out: { type: 'string', default: 'peer-results.json' },
    /** Add to the rounds of the file instead of replacing it. */
    append: { type: 'boolean', default: false },
    /** About how long one turn of a contestant may last. */
    'turn-seconds': { type: 'string', default: '5' },
  },
});

const MODEL = 'sentence-transformers/all-MiniLM-L6-v2';
const ROOT = fileURLToPath(new URL('..', import.meta.url));
const CACHE = path.join(ROOT, '.cache/peers');
const ADAPTERS = fileURLToPath(new URL('peers/adapters/', import.meta.url));

const started = performance.now();
const log = (line: string): void => {
  console.log(`${((performance.now() - started) / 60_000).toFixed(1).padStart(5)} min  ${line}`);
};

const parts = chosenParts();
const rounds = wholeNumber('rounds');
const contestants = chosenContestants();
const workloads = values.texts === undefined ? generatedWorkloads() : await readWorkloads(values.texts);
const frame = frameOf();
// Before anything is measured: a file that cannot be appended to is better known now.
const older = values.append ? resultsSchema.parse(JSON.parse(await readFile(values.out, 'utf8'))) : undefined;
if (older !== undefined) appendResults(older, frame);
log(`${contestants.length} contestants, ${rounds} rounds, ${parts.join(', ')}`);
const golden = await goldenOf(MODEL);
const checkpoint = execFileSync(process.execPath, [path.join(ROOT, 'dist/cli/main.js'), 'models', 'path', MODEL])
  .toString()
  .trim();

const shop: Workshop = {
  root: path.join(CACHE, 'models'),
  model: MODEL,
  checkpoint,
  python: path.join(CACHE, PREPARING_PYTHON.folder),
  calibrationTexts: calibrationTexts(),
};
const places: PeerPlaces = {
  model: MODEL,
  checkpoint,
  maxSequenceLength: golden.maxSequenceLength,
  installation: ({ folder }) => path.join(CACHE, folder),
  preparation: (name) => preparedFolder(shop.root, name),
};
const seats: Seat[] = [];
for (const contestant of contestants) seats.push(await seatOf(contestant));

const programme: Programme = {
  texts: workloads.texts,
  query: workloads.query,
  rounds,
  turnSeconds: wholeNumber('turn-seconds'),
  log,
};
const local = seats.filter((_, at) => contestants[at]?.remote !== true);
const speeds = parts.includes('throughput') ? await measureThroughput(seats, programme) : [];
const queries = parts.includes('query') ? await measureQueries(seats, programme) : [];
const starts = parts.includes('cold') ? await measureColdStarts(local, programme) : [];
const judged = parts.includes('correctness')
  ? await measureCorrectness(seats, golden, programme)
  : new Map<string, Correctness>();

const results: PeerResults = {
  ...frame,
  contestants: seats.map(reportOf),
  rounds: joinRounds(speeds, queries, starts),
};
const joined = older === undefined ? results : appendResults(older, results);
await writeFile(values.out, `${JSON.stringify(resultsSchema.parse(joined), undefined, 2)}\n`);
console.log(`\n${terminalTable(joined)}\n`);
log(`written to ${values.out}`);

/** All that is known of a run before it. */
function frameOf(): PeerResults {
  return {
    format: 1,
    command: ['npm run bench:peers', ...(process.argv.length > 2 ? ['--', ...process.argv.slice(2)] : [])].join(' '),
    measuredOn: new Date().toISOString().slice(0, 10),
    model: MODEL,
    environment: {
      processor: cpus()[0]?.model.trim() ?? 'unknown',
      cores: cpus().length,
      memoryGib: Math.round(totalmem() / 2 ** 30),
      system: `${platform()} ${release()}`,
    },
    workloads: {
      source: workloads.source,
      counts: { W1: workloads.texts.W1.length, W2: workloads.texts.W2.length, W3: workloads.texts.W3.length },
      query: workloads.query,
    },
    contestants: [],
    rounds: [],
  };
}

function reportOf(seat: Seat, at: number): ContestantReport {
  const correctness = judged.get(seat.name);
  return {
    name: seat.name,
    what: contestants[at]?.what ?? '',
    versions: { ...seat.versions },
    ...(seat.failure === undefined ? {} : { failure: seat.failure }),
    ...(correctness === undefined ? {} : { correctness }),
  };
}

/** A place for a contestant whose software and files are there; or one that says why it cannot take part. */
async function seatOf(contestant: Contestant): Promise<Seat> {
  const { name, installation, needs = [], adapter } = contestant;
  const python = installation?.kind === 'python' ? pythonOf(places.installation(installation)) : undefined;
  const launch = { program: python ?? process.execPath, args: [path.join(ADAPTERS, adapter)] };
  const seat = new Seat(name, launch, contestant.options(places));
  try {
    await mkdir(CACHE, { recursive: true });
    if (installation !== undefined) await install(CACHE, installation, log);
  } catch (error) {
    seat.fail(`could not be installed: ${messageOf(error)}`);
  }
  try {
    if (needs.length > 0 && seat.failure === undefined) await install(CACHE, PREPARING_PYTHON, log);
    for (const need of needs) if (seat.failure === undefined) await prepare(shop, need, log);
  } catch (error) {
    seat.fail(`its model files could not be made: ${messageOf(error)}`);
  }
  if (seat.failure !== undefined) log(`${name}: ${seat.failure}`);
  return seat;
}

function chosenContestants(): readonly Contestant[] {
  const all = [...CONTESTANTS, ...(values.tei === undefined ? [] : [textEmbeddingsInference(values.tei)])];
  if (values.only === undefined) return all;
  const wanted = values.only.split(',').map((name) => name.trim());
  for (const name of wanted) {
    if (all.some((one) => one.name.startsWith(name))) continue;
    throw new Error(`No contestant is called ${name}. There are: ${all.map((one) => one.name).join('; ')}.`);
  }
  return all.filter((one) =>
    wanted.some(
      (name) => one.name === name || (!all.some((other) => other.name === name) && one.name.startsWith(name)),
    ),
  );
}

function chosenParts(): readonly string[] {
  const wanted = values.parts.split(',').map((part) => part.trim());
  const unknown = wanted.filter((part) => !PARTS.some((known) => known === part));
  if (unknown.length > 0) throw new Error(`No part is called ${unknown.join(', ')}. There are: ${PARTS.join(', ')}.`);
  return wanted;
}

function wholeNumber(name: 'rounds' | 'turn-seconds'): number {
  const value = Number(values[name]);
  if (Number.isInteger(value) && value > 0) return value;
  throw new Error(`--${name} takes a whole number above 0, not ${values[name]}.`);
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
