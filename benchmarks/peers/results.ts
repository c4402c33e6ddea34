import { z } from 'zod';

/** Workloads of texts, in the order in which they run. */
export const WORKLOADS = ['W1', 'W2', 'W3'] as const;
export type WorkloadName = (typeof WORKLOADS)[number];

const throughputSchema = z.strictObject({
  /** Texts that ran: all of the workload, or as many as the limit on a turn allows. */
  texts: z.int().positive(),
  seconds: z.number().positive(),
});
export type Throughput = z.infer<typeof throughputSchema>;

const figuresSchema = z.strictObject({
  W1: throughputSchema.optional(),
  W2: throughputSchema.optional(),
  W3: throughputSchema.optional(),
  /** Longest time the event loop stood still in any workload of the round, milliseconds. */
  longestBlock: z.number().nonnegative().optional(),
  /** Peak resident memory of the process after its first run of W1, bytes. */
  peakBytes: z.number().positive().optional(),
  /** One short query after another, milliseconds. */
  query: z.strictObject({ p50: z.number(), p99: z.number(), count: z.int().positive() }).optional(),
  /** From the start of the process to its first vector, milliseconds. */
  coldStart: z.number().positive().optional(),
});
/** What one contestant did in one round. */
export type RoundFigures = z.infer<typeof figuresSchema>;

const correctnessSchema = z.strictObject({
  verdict: z.enum(['exact', 'near', 'wrong']),
  texts: z.int().positive(),
  /** Largest absolute difference of a component. */
  maxError: z.number(),
  meanCosine: z.number(),
  minCosine: z.number(),
  /** Why vectors differ, in whole sentences. */
  reasons: z.array(z.string()),
});
export type Correctness = z.infer<typeof correctnessSchema>;

const contestantSchema = z.strictObject({
  name: z.string(),
  what: z.string(),
  versions: z.record(z.string(), z.string()),
  /** Why there are no figures, or why they end early. */
  failure: z.string().optional(),
  correctness: correctnessSchema.optional(),
});
export type ContestantReport = z.infer<typeof contestantSchema>;

export const resultsSchema = z.strictObject({
  format: z.literal(1),
  command: z.string(),
  measuredOn: z.string(),
  model: z.string(),
  environment: z.strictObject({
    processor: z.string(),
    cores: z.int().positive(),
    memoryGib: z.number(),
    system: z.string(),
  }),
  workloads: z.strictObject({
    source: z.string(),
    counts: z.strictObject({ W1: z.int(), W2: z.int(), W3: z.int() }),
    query: z.string(),
  }),
  contestants: z.array(contestantSchema),
  /** By the contestant's name. Ratios are taken within a round. */
  rounds: z.array(z.record(z.string(), figuresSchema)),
});
/** Everything a run measured; the file that tables and plots are made from. */
export type PeerResults = z.infer<typeof resultsSchema>;

/**
 * Joins a new run to an older one of the same machine, model and texts: rounds are added, what is known of a contestant
 * is taken from the newer run. Throws where the two cannot be compared.
 */
export function appendResults(older: PeerResults, newer: PeerResults): PeerResults {
  for (const part of ['environment', 'workloads', 'model'] as const) {
    if (JSON.stringify(older[part]) !== JSON.stringify(newer[part])) {
      throw new Error(`The file to append to has another ${part}; its figures cannot stand in one table with these.`);
    }
  }
  const contestants = new Map(older.contestants.map((one) => [one.name, one]));
  for (const one of newer.contestants) {
    const before = contestants.get(one.name);
    const correctness = one.correctness ?? before?.correctness;
    contestants.set(one.name, { ...one, ...(correctness === undefined ? {} : { correctness }) });
  }
  return { ...newer, contestants: [...contestants.values()], rounds: [...older.rounds, ...newer.rounds] };
}

/** Rounds of one run whose parts were measured one after the other: figures of the same round and name together. */
export function joinRounds(
  ...parts: readonly (readonly Readonly<Record<string, RoundFigures>>[])[]
): Record<string, RoundFigures>[] {
  const rounds = Math.max(0, ...parts.map((part) => part.length));
  return Array.from({ length: rounds }, (_, at) => {
    const joined: Record<string, RoundFigures> = {};
    for (const part of parts) {
      for (const [name, figures] of Object.entries(part[at] ?? {})) joined[name] = { ...joined[name], ...figures };
    }
    return joined;
  });
}
