import type { Tokenizer } from '../runtime/tokenizer.js';
import type { WorkerPool } from '../runtime/worker-pool.js';
import { IsovecError } from '../shared/isovec-error.js';
import type { Logger } from '../shared/log.js';
import { cosine } from '../vector/index.js';

/** What {@link trustDevice} compares. */
export interface DeviceTrust {
  readonly device: string;
  readonly tokenizer: Tokenizer;
  /** Sessions on the device. */
  readonly pool: WorkerPool;
  /** Starts one on the processor. */
  readonly startReference: () => Promise<WorkerPool>;
  readonly logger: Logger;
}

/** How near a device's vectors were to the processor's. */
interface DeviceFigures {
  readonly texts: number;
  readonly leastCosine: number;
  /** Of the vectors as they are, relative to the largest component. */
  readonly largestError: number;
}

/** Short and long, in several scripts: what a kernel that computes wrongly at some shape would show. */
const TEXTS: readonly string[] = [
  '',
  'a',
  'The harbour wakes before the town does.',
  'Wie setze ich mein Passwort zurück?',
  '港は町より先に目を覚ます。',
  'how do I reset my password '.repeat(8),
  'Long before the first bus rattles down the hill, men and women mend their nets. '.repeat(30),
];
/** Half precision in a device's products keeps more than this; a wrong kernel does not. */
const LEAST_COSINE = 0.9999;
const LARGEST_ERROR = 5e-3;

/**
 * Compares a device's vectors with those of the processor before it is trusted. PROVIDER_REJECTED, with the figures, for a
 * device that gives others; its pool is closed then, as after every other error.
 */
export async function trustDevice({ device, tokenizer, pool, startReference, logger }: DeviceTrust): Promise<void> {
  try {
    const reference = await startReference();
    try {
      const figures = await compare(device, tokenizer, pool, reference);
      logger.info(`${device} gives the vectors of the processor.`, { ...figures });
    } finally {
      await reference.close();
    }
  } catch (error) {
    await pool.close();
    throw error;
  }
}

async function compare(
  device: string,
  tokenizer: Tokenizer,
  pool: WorkerPool,
  reference: WorkerPool,
): Promise<DeviceFigures> {
  let leastCosine = 1;
  let largestError = 0;
  for (const { ids } of await tokenizer.encodeBatch(TEXTS)) {
    if (ids.length === 0) continue;
    const work = { ids, batch: 1, length: ids.length, promptLength: 0, output: 'embeddings' } as const;
    const [found, expected] = await Promise.all([pool.run(work), reference.run(work)]);
    const scale = expected.data.reduce((most, value) => Math.max(most, Math.abs(value)), Number.MIN_VALUE);
    expected.data.forEach((value, i) => {
      largestError = Math.max(largestError, Math.abs(value - (found.data[i] ?? Number.NaN)) / scale);
    });
    leastCosine = Math.min(leastCosine, cosine(found.data, expected.data));
  }
  const figures = { texts: TEXTS.length, leastCosine, largestError };
  if (leastCosine >= LEAST_COSINE && largestError <= LARGEST_ERROR) return figures;
  throw new IsovecError(
    'PROVIDER_REJECTED',
    `The device ${device} gives other vectors than the processor: cosine ${leastCosine.toFixed(6)} (at least ${LEAST_COSINE}), largest error ${largestError.toExponential(1)} (at most ${LARGEST_ERROR}). Take the processor: leave the device out, or give cpu.`,
    { data: { device, ...figures } },
  );
}
