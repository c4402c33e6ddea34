import { IsovecError } from '../../shared/isovec-error.js';
import { generatedTexts } from '../generated-texts.js';
import { seededRandom } from '../seeded-random.js';
import type { Workload, WorkloadPart } from './workload.js';

/** The workloads that are made from a seed, each with what it stands for. */
export const WORKLOADS = {
  standard: '100 single texts, then 10 batches of 32 texts',
  single: 'short questions, one a call',
  batch: 'batches of 32 short texts',
  mixed: 'one text a call: many short ones, some paragraphs, a few long documents',
  long: 'documents longer than most models read, one a call',
  lengths: 'one text a call, of 8, 16, 32, 64, 128 and 256 words',
} as const;

/** Name of a workload that is made from a seed. */
export type WorkloadName = keyof typeof WORKLOADS;

/** Seed that is used where none is named. */
const DEFAULT_SEED = 1;

/** Calls with texts of their own; beyond them the same are sent again, so that memory stays flat in a long run. */
const MOST_DISTINCT_CALLS = 1000;
const BATCH = 32;
const WORD_COUNTS = [8, 16, 32, 64, 128, 256];

/** What a workload is made with. */
export interface WorkloadOptions {
  /** Whole number; the same seed gives the same texts. */
  readonly seed?: number;
  /** Texts of a call of the parts that hold batches, 32 by default. */
  readonly batchSize?: number;
  /** Calls to make texts for, where more than usual are measured. */
  readonly calls?: number;
}

/** A workload of generated texts. CONFIG_INVALID for an unknown name. */
export function generatedWorkload(name: string, options: WorkloadOptions = {}): Workload {
  const { seed = DEFAULT_SEED, batchSize = BATCH, calls } = options;
  const part = (partName: string, count: number, makeTexts: (texts: number) => string[], size = 1): WorkloadPart => {
    const distinct = Math.min(Math.max(calls ?? count, 1), MOST_DISTINCT_CALLS);
    const texts = makeTexts(distinct * size);
    return {
      name: partName,
      count,
      calls: Array.from({ length: distinct }, (_, call) => texts.slice(call * size, (call + 1) * size)),
    };
  };
  const single = (): WorkloadPart => part('single', 100, (texts) => generatedTexts(seed, texts, 4, 14));
  const batch = (count: number): WorkloadPart =>
    part('batch', count, (texts) => generatedTexts(seed + 1, texts, 6, 46), batchSize);
  const parts: Readonly<Record<WorkloadName, () => readonly WorkloadPart[]>> = {
    standard: () => [single(), batch(10)],
    single: () => [single()],
    batch: () => [batch(20)],
    mixed: () => [part('mixed', 100, (texts) => mixedTexts(seed + 2, texts))],
    long: () => [part('long', 20, (texts) => generatedTexts(seed + 3, texts, 300, 600))],
    lengths: () =>
      WORD_COUNTS.map((words) =>
        part(`${words} words`, 20, (texts) => generatedTexts(seed + 4 + words, texts, words, words)),
      ),
  };
  if (!isWorkloadName(name)) {
    throw new IsovecError(
      'CONFIG_INVALID',
      `There is no workload ${JSON.stringify(name)}; there are ${Object.keys(WORKLOADS).join(', ')}.`,
      { data: { workload: name } },
    );
  }
  return { name, seed, parts: parts[name](), notes: [] };
}

function isWorkloadName(name: string): name is WorkloadName {
  return Object.hasOwn(WORKLOADS, name);
}

/** Of ten texts about seven are short, two are paragraphs and one is a document, in an order that the seed decides. */
function mixedTexts(seed: number, count: number): string[] {
  const random = seededRandom(seed);
  const short = generatedTexts(seed, count, 4, 30);
  const middle = generatedTexts(seed + 1, count, 60, 160);
  const long = generatedTexts(seed + 2, count, 250, 500);
  return short.map((text, index) => {
    const lot = random();
    return (lot < 0.7 ? text : lot < 0.9 ? middle[index] : long[index]) ?? text;
  });
}
