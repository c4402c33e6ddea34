import { z } from 'zod';

import { percentile } from '../engine/percentile.js';
import { type JudgedVectors, judgeVectors } from './judge-vectors.js';
import type { ContestantProcess } from './contestant-process.js';
import { type Correctness, type RoundFigures, type Throughput, WORKLOADS, type WorkloadName } from './results.js';
import type { Seat } from './seat.js';

/** What is measured: texts by workload, and how much of it. */
export interface Programme {
  readonly texts: Readonly<Record<WorkloadName, readonly string[]>>;
  readonly query: string;
  readonly rounds: number;
  /** One turn of one contestant lasts about this long at most; who is slower runs fewer texts. */
  readonly turnSeconds: number;
  /** After how long a contestant that does not answer hangs; what follows from the turn by default. */
  readonly deadlineSeconds?: number;
  readonly log: (line: string) => void;
}

/** Everything that is known of the golden texts beside what a contestant makes of them. */
export interface Golden extends Omit<JudgedVectors, 'together' | 'alone' | 'ids' | 'isEightBit'> {
  readonly texts: readonly string[];
}

const runSchema = z.object({ seconds: z.number().positive(), longestBlock: z.number().nullable() });
const querySchema = z.object({ milliseconds: z.array(z.number()).min(1) });
const vectorsSchema = z.object({ base64: z.string(), dimensions: z.number() });
const idsSchema = z.object({ ids: z.array(z.array(z.number())).nullable() });

/** Beyond its turn by this factor a contestant hangs: estimates are off, but not by that much. */
const PATIENCE = 10;
/** However short the turns are: a sample of the longest texts, or the golden ones, are no less for that. */
const LEAST_DEADLINE_SECONDS = 120;
/** The golden texts are more than a turn's, and some are very long. */
const GOLDEN_FACTOR = 3;
const QUERIES = 200;
const WARM_UP_QUERIES = 200;
/** Golden texts that are embedded once more alone. */
const LONE_TEXTS = 60;
/** Texts of a workload that warm a contestant up and tell how fast it is. */
const SAMPLE = 8;

/** Rounds over the contestants: all of them on one workload, then on the next, each round from another beginning. */
export async function measureThroughput(
  seats: readonly Seat[],
  programme: Programme,
): Promise<Record<string, RoundFigures>[]> {
  const amounts = new Map<string, readonly string[]>();
  const rounds: Record<string, RoundFigures>[] = [];
  for (let round = 0; round < programme.rounds; round++) {
    const figures: Record<string, RoundFigures> = {};
    for (const workload of WORKLOADS) {
      for (const seat of rotated(seats, round)) {
        const ran = await seat.turn(async (process) => {
          const key = `${seat.name} ${workload}`;
          const texts = amounts.get(key) ?? (await bounded(process, programme.texts[workload], programme));
          amounts.set(key, texts);
          const deadline = deadlineOf(programme);
          const run = await process.request('run', { texts }, runSchema, deadline);
          const peakBytes = round === 0 && workload === 'W1' ? await seat.peakBytes(process) : undefined;
          return { texts: texts.length, ...run, peakBytes };
        });
        tell(
          programme,
          `round ${round + 1}, ${workload}`,
          seat,
          ran && `${(ran.texts / ran.seconds).toFixed(1)} texts/s`,
        );
        if (ran !== undefined) figures[seat.name] = withRun(figures[seat.name] ?? {}, workload, ran);
      }
    }
    rounds.push(figures);
  }
  for (const seat of seats) await seat.close();
  return rounds;
}

/** Rounds over the contestants of one short query after another. */
export async function measureQueries(
  seats: readonly Seat[],
  programme: Programme,
): Promise<Record<string, RoundFigures>[]> {
  const rounds: Record<string, RoundFigures>[] = [];
  for (let round = 0; round < programme.rounds; round++) {
    const figures: Record<string, RoundFigures> = {};
    for (const seat of rotated(seats, round)) {
      const query = await seat.turn((process) => measureQuery(process, programme));
      tell(programme, `round ${round + 1}, query`, seat, query && `P50 ${query.p50.toFixed(2)} ms`);
      if (query !== undefined) figures[seat.name] = { query };
    }
    rounds.push(figures);
  }
  for (const seat of seats) await seat.close();
  return rounds;
}

/** Rounds over new processes, each measured from its start to its first vector. */
export async function measureColdStarts(
  seats: readonly Seat[],
  programme: Programme,
): Promise<Record<string, RoundFigures>[]> {
  const rounds: Record<string, RoundFigures>[] = [];
  for (let round = 0; round < programme.rounds; round++) {
    const figures: Record<string, RoundFigures> = {};
    for (const seat of rotated(seats, round)) {
      const started = performance.now();
      const coldStart = await seat.turn(async (process) => {
        await process.request('vectors', { texts: [programme.query] }, vectorsSchema, deadlineOf(programme));
        return performance.now() - started;
      }, true);
      tell(programme, `round ${round + 1}, cold start`, seat, coldStart && `${coldStart.toFixed(0)} ms`);
      if (coldStart !== undefined) figures[seat.name] = { coldStart };
    }
    rounds.push(figures);
  }
  return rounds;
}

/** What each contestant makes of the golden texts. */
export async function measureCorrectness(
  seats: readonly Seat[],
  golden: Golden,
  programme: Programme,
): Promise<Map<string, Correctness>> {
  const judged = new Map<string, Correctness>();
  const deadline = GOLDEN_FACTOR * deadlineOf(programme);
  for (const seat of seats) {
    const correctness = await seat.turn(async (process) => {
      const embed = async (texts: readonly string[]): Promise<Float32Array[]> =>
        rowsFrom(await process.request('vectors', { texts }, vectorsSchema, deadline));
      const together = await embed(golden.texts);
      const alone = new Map<number, Float32Array>();
      for (const [at, text] of spread([...golden.texts.entries()], LONE_TEXTS)) {
        alone.set(at, (await embed([text]))[0] ?? new Float32Array(0));
      }
      const { ids } = await process.request('tokenIds', { texts: golden.texts }, idsSchema, deadline);
      return judgeVectors({ ...golden, together, alone, ids: ids ?? undefined, isEightBit: /int8|q8/.test(seat.name) });
    }, true);
    tell(
      programme,
      'vectors',
      seat,
      correctness && `${correctness.verdict}, cosine ${correctness.meanCosine.toFixed(5)}`,
    );
    if (correctness !== undefined) judged.set(seat.name, correctness);
  }
  return judged;
}

/** As many of the texts, evenly spread, as fit into the time, judged by a sample that warms up, too. */
async function bounded(
  process: ContestantProcess,
  texts: readonly string[],
  programme: Programme,
): Promise<readonly string[]> {
  const sample = spread(texts, SAMPLE);
  const deadline = deadlineOf(programme);
  await process.request('run', { texts: sample }, runSchema, deadline);
  const { seconds: taken } = await process.request('run', { texts: sample }, runSchema, deadline);
  const affordable = Math.floor((programme.turnSeconds / taken) * sample.length);
  return spread(texts, Math.max(SAMPLE, affordable));
}

/** `count` of the members at equal distances, all of them if there are no more. */
export function spread<T>(members: readonly T[], count: number): readonly T[] {
  if (count >= members.length) return members;
  const step = members.length / count;
  return Array.from({ length: count }, (_, at) =>
    members.slice(Math.floor(at * step), Math.floor(at * step) + 1),
  ).flat();
}

function deadlineOf({ turnSeconds, deadlineSeconds }: Programme): number {
  return deadlineSeconds ?? Math.max(LEAST_DEADLINE_SECONDS, PATIENCE * turnSeconds);
}

async function measureQuery(
  process: ContestantProcess,
  programme: Programme,
): Promise<NonNullable<RoundFigures['query']>> {
  const seconds = programme.turnSeconds / 4;
  const ask = (count: number): Promise<z.infer<typeof querySchema>> =>
    process.request('query', { text: programme.query, count, seconds }, querySchema, deadlineOf(programme));
  await ask(WARM_UP_QUERIES);
  const { milliseconds } = await ask(QUERIES);
  return { p50: percentile(milliseconds, 0.5), p99: percentile(milliseconds, 0.99), count: milliseconds.length };
}

function withRun(
  figures: RoundFigures,
  workload: WorkloadName,
  run: Throughput & { readonly longestBlock: number | null; readonly peakBytes: number | undefined },
): RoundFigures {
  const { texts, seconds, longestBlock, peakBytes } = run;
  return {
    ...figures,
    [workload]: { texts, seconds },
    ...(longestBlock === null ? {} : { longestBlock: Math.max(longestBlock, figures.longestBlock ?? 0) }),
    ...(peakBytes === undefined ? {} : { peakBytes }),
  };
}

/** Nobody always runs first, when the processor is coolest, or after the same neighbour's caches. */
function rotated<T>(members: readonly T[], by: number): readonly T[] {
  const start = members.length === 0 ? 0 : by % members.length;
  return [...members.slice(start), ...members.slice(0, start)];
}

function rowsFrom({ base64, dimensions }: z.infer<typeof vectorsSchema>): Float32Array[] {
  const bytes = Buffer.from(base64, 'base64');
  return Array.from({ length: bytes.length / 4 / dimensions }, (_, row) =>
    Float32Array.from({ length: dimensions }, (_, column) => bytes.readFloatLE(4 * (row * dimensions + column))),
  );
}

function tell({ log }: Programme, what: string, { name, failure }: Seat, outcome: string | 0 | undefined): void {
  log(`${what.padEnd(20)} ${name.padEnd(32)} ${typeof outcome === 'string' ? outcome : `FAILED: ${failure ?? ''}`}`);
}
