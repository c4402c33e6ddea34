import { median } from '../engine/percentile.js';
import { BASELINE } from './contestant.js';
import { type Correctness, type PeerResults, type RoundFigures, type WorkloadName } from './results.js';

/** The figures of one row of the table: medians over the rounds; undefined where nothing was measured. */
export interface PeerSummary {
  readonly name: string;
  readonly failure: string | undefined;
  readonly rates: Readonly<Record<WorkloadName, Rate>>;
  /** Megabytes (10^6 bytes). */
  readonly peakMegabytes: number | undefined;
  /** Milliseconds, like the three after it. */
  readonly longestBlock: number | undefined;
  readonly queryP50: number | undefined;
  readonly queryP99: number | undefined;
  readonly coldStart: number | undefined;
  readonly correctness: Correctness | undefined;
}

interface Rate {
  readonly textsPerSecond: number | undefined;
  /** Median of the ratios to the baseline's rate in the same round. */
  readonly ratio: number | undefined;
  /** Whether a limit on its turn kept it from running all the texts. */
  readonly partly: boolean;
}

/** Sums up what was measured, a row per contestant in the order of the file. */
export function summarise(results: PeerResults): readonly PeerSummary[] {
  return results.contestants.map(({ name, failure, correctness }) => {
    const own = results.rounds.flatMap((round) => round[name] ?? []);
    const middle = (pick: (figures: RoundFigures) => number | undefined): number | undefined => middleOf(own.map(pick));
    const peak = middle(({ peakBytes }) => peakBytes);
    return {
      name,
      failure,
      rates: {
        W1: rateOf(results, name, 'W1'),
        W2: rateOf(results, name, 'W2'),
        W3: rateOf(results, name, 'W3'),
      },
      peakMegabytes: peak === undefined ? undefined : peak / 1e6,
      longestBlock: middle(({ longestBlock }) => longestBlock),
      queryP50: middle(({ query }) => query?.p50),
      queryP99: middle(({ query }) => query?.p99),
      coldStart: middle(({ coldStart }) => coldStart),
      correctness,
    };
  });
}

function rateOf(results: PeerResults, name: string, workload: WorkloadName): Rate {
  const rate = (figures: RoundFigures | undefined): number | undefined => {
    const run = figures?.[workload];
    return run && run.texts / run.seconds;
  };
  const rates = results.rounds.map((round) => rate(round[name]));
  const ratios = results.rounds.map((round, at) => {
    const [own, base] = [rates[at], rate(round[BASELINE])];
    return own === undefined || base === undefined ? undefined : own / base;
  });
  const whole = results.workloads.counts[workload];
  return {
    textsPerSecond: middleOf(rates),
    ratio: middleOf(ratios),
    partly: results.rounds.some((round) => (round[name]?.[workload]?.texts ?? whole) < whole),
  };
}

function middleOf(samples: readonly (number | undefined)[]): number | undefined {
  const numbers = samples.filter((sample) => sample !== undefined);
  return numbers.length === 0 ? undefined : median(numbers);
}
