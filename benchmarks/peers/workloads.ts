import { readFile } from 'node:fs/promises';
import path from 'node:path';

import { generatedTexts } from '#src/bench/generated-texts.js';
import { seededRandom } from '#src/bench/seeded-random.js';
import { z } from 'zod';

import type { WorkloadName } from './results.js';

/** What every contestant is given. */
export interface Workloads {
  /** Where the texts come from, for the results. */
  readonly source: string;
  readonly texts: Readonly<Record<WorkloadName, readonly string[]>>;
  /** Twelve tokens for most English models, special tokens included. */
  readonly query: string;
}

const SEED = 31;
const QUERY = 'how do I change the delivery address of an order';

/**
 * Texts made from a seed: W1, 1,200 of 31 tokens in the mean with the long tail that chunks of documents have; W2, 300
 * of about 127; W3, 60 longer than 256, where most models of this size cut.
 */
export function generatedWorkloads(): Workloads {
  const random = seededRandom(SEED);
  // Box and Muller's transformation of two even numbers to a normal one.
  const normal = (): number => Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
  const skewed = (): number => Math.min(160, Math.max(1, Math.round(Math.exp(2.7 + 0.9 * normal()))));
  const even = (least: number, most: number): number => least + Math.floor(random() * (most - least + 1));
  const texts = (count: number, words: () => number): string[] =>
    Array.from({ length: count }, (_, at) => {
      const length = words();
      return generatedTexts(SEED + at, 1, length, length)[0] ?? '';
    });
  return {
    source: `generated, seed ${SEED}`,
    texts: { W1: texts(1200, skewed), W2: texts(300, () => even(85, 140)), W3: texts(60, () => even(240, 380)) },
    query: QUERY,
  };
}

/** Texts of one's own: a folder with w1.json, w2.json and w3.json, each a list of texts, and w4.json with one query. */
export async function readWorkloads(folder: string): Promise<Workloads> {
  const read = async (name: string): Promise<readonly string[]> => {
    const file = path.join(folder, `${name}.json`);
    const parsed = z
      .array(z.string())
      .min(1)
      .safeParse(JSON.parse(await readFile(file, 'utf8')));
    if (!parsed.success) throw new Error(`${file} is not a list of texts: a JSON array of strings is expected.`);
    return parsed.data;
  };
  const [W1, W2, W3, [query = QUERY]] = await Promise.all([read('w1'), read('w2'), read('w3'), read('w4')]);
  return { source: path.basename(folder), texts: { W1, W2, W3 }, query };
}

/** Texts to calibrate a quantisation with: of the kind of the workloads, and none of them. */
export function calibrationTexts(): readonly string[] {
  return generatedTexts(SEED + 5000, 300, 4, 120);
}
