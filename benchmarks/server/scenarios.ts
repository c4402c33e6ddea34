import { setTimeout as sleep } from 'node:timers/promises';

import { generatedTexts } from '#src/bench/generated-texts.js';

import type { Contender } from './contender.js';

/** What a scenario gave. */
export interface Outcome {
  readonly latencies: readonly number[];
  /** Mean inference of each request's texts, where the contender tells it. */
  readonly inferences: readonly number[];
  readonly texts: number;
  readonly milliseconds: number;
  /** Processor time of the contender. */
  readonly cpuMilliseconds: number;
}

const SHORT = generatedTexts(12, 64, 8, 10);
const CORPUS = generatedTexts(31, 4096, 6, 46);
/** Texts of one request of a bulk job: as many as one may hold. */
const BULK = 2048;
/** Pause between queries, as of people. */
const PAUSE_MILLISECONDS = 50;

/** Clients that ask without a pause until the time is over. */
export async function closedLoop(
  contender: Contender,
  { clients, perRequest, seconds }: { readonly clients: number; readonly perRequest: number; readonly seconds: number },
): Promise<Outcome> {
  const texts = perRequest === 1 ? SHORT : CORPUS;
  return measured(contender, async (ask) => {
    const over = performance.now() + seconds * 1000;
    const client = async (first: number): Promise<void> => {
      for (let i = first; performance.now() < over; i++) {
        const from = (i * perRequest) % (texts.length - perRequest + 1);
        await ask(texts.slice(from, from + perRequest));
      }
    };
    await Promise.all(Array.from({ length: clients }, (_, i) => client(i * 7)));
  });
}

/** Single queries with a pause after each, while `work` goes on, or for so many seconds. */
export async function queries(contender: Contender, work: Promise<unknown> | number): Promise<Outcome> {
  return measured(contender, async (ask) => {
    let ended = false;
    const isOver = (): boolean => ended;
    const end = (typeof work === 'number' ? sleep(work * 1000) : work).then(() => {
      ended = true;
    });
    for (let i = 0; !isOver(); i++) {
      await ask(SHORT.slice(i % SHORT.length, (i % SHORT.length) + 1), 'interactive');
      await sleep(PAUSE_MILLISECONDS);
    }
    await end;
  });
}

/** A job of many texts in requests as large as they may be, so many at a time. */
export async function bulkJob(contender: Contender, texts: number, atOnce: number): Promise<void> {
  let left = texts;
  const sender = async (): Promise<void> => {
    while (left > 0) {
      const count = Math.min(BULK, left);
      left -= count;
      await contender.embed(CORPUS.slice(0, count), 'bulk');
    }
  };
  await Promise.all(Array.from({ length: atOnce }, sender));
}

async function measured(
  contender: Contender,
  run: (ask: (texts: readonly string[], priority?: 'interactive') => Promise<void>) => Promise<void>,
): Promise<Outcome> {
  const latencies: number[] = [];
  const inferences: number[] = [];
  let count = 0;
  const cpu = contender.cpuMilliseconds();
  const begun = performance.now();
  await run(async (texts, priority) => {
    const sent = performance.now();
    const inference = await contender.embed(texts, priority);
    latencies.push(performance.now() - sent);
    if (inference !== undefined) inferences.push(inference);
    count += texts.length;
  });
  return {
    latencies,
    inferences,
    texts: count,
    milliseconds: performance.now() - begun,
    cpuMilliseconds: contender.cpuMilliseconds() - cpu,
  };
}
