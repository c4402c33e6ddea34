import { createHistogram, type RecordableHistogram } from 'node:perf_hooks';
import { percentile } from './percentile.js';

/** So many samples are kept as they are: half a megabyte. */
const EXACT_SAMPLES = 65_536;
const NANOSECONDS = 1e6;
/** A day; nothing waits longer. */
const LONGEST_NANOSECONDS = 86_400 * 1e9;
/** Significant digits of the histogram: 0.1 %. */
const FIGURES = 3;
/** Shares that the distribution is kept at: every hundredth, and the tail in finer steps. */
const SHARES: readonly number[] = [
  ...Array.from({ length: 100 }, (_, i) => i / 100),
  ...Array.from({ length: 9 }, (_, i) => (991 + i) / 1000),
  0.9995,
  0.9999,
  1,
];

/** Latencies of a measurement, in milliseconds. */
export interface LatencySummary {
  readonly samples: number;
  /** Whether the percentiles are samples; else they come from a histogram and may be 0.1 % above one. */
  readonly exact: boolean;
  readonly min: number;
  readonly mean: number;
  readonly p50: number;
  readonly p95: number;
  readonly p99: number;
  readonly max: number;
  /** The distribution: [share of samples, milliseconds that these do not exceed], ascending. */
  readonly quantiles: readonly (readonly [share: number, milliseconds: number])[];
}

/** Takes any number of latencies in memory of a fixed size: the first as they are, all of them in a histogram. */
export class LatencyRecord {
  #samples = new Float64Array(256);
  #histogram: RecordableHistogram | undefined;
  #count = 0;
  #sum = 0;
  #min = Infinity;
  #max = -Infinity;

  get count(): number {
    return this.#count;
  }

  add(milliseconds: number): void {
    if (this.#count < EXACT_SAMPLES) this.#keep(milliseconds);
    else this.#histogram ??= this.#histogramOfSamples();
    this.#histogram?.record(wholeNanoseconds(milliseconds));
    this.#count++;
    this.#sum += milliseconds;
    this.#min = Math.min(this.#min, milliseconds);
    this.#max = Math.max(this.#max, milliseconds);
  }

  /** Undefined without samples. */
  summary(): LatencySummary | undefined {
    if (this.#count === 0) return undefined;
    const histogram = this.#histogram;
    const sorted = this.#samples.slice(0, Math.min(this.#count, EXACT_SAMPLES)).sort();
    const at = (share: number): number => {
      if (share === 0) return this.#min;
      if (histogram === undefined) return percentile(sorted, share);
      return Math.max(this.#min, Math.min(this.#max, histogram.percentile(share * 100) / NANOSECONDS));
    };
    return {
      samples: this.#count,
      exact: histogram === undefined,
      min: this.#min,
      mean: this.#sum / this.#count,
      p50: at(0.5),
      p95: at(0.95),
      p99: at(0.99),
      max: this.#max,
      quantiles: SHARES.map((share) => [share, share === 1 ? this.#max : at(share)] as const),
    };
  }

  #keep(milliseconds: number): void {
    if (this.#count === this.#samples.length) {
      const larger = new Float64Array(Math.min(EXACT_SAMPLES, this.#samples.length * 2));
      larger.set(this.#samples);
      this.#samples = larger;
    }
    this.#samples[this.#count] = milliseconds;
  }

  #histogramOfSamples(): RecordableHistogram {
    const histogram = createHistogram({ lowest: 1, highest: LONGEST_NANOSECONDS, figures: FIGURES });
    for (const sample of this.#samples) histogram.record(wholeNanoseconds(sample));
    return histogram;
  }
}

/** What the histogram takes. */
function wholeNanoseconds(milliseconds: number): number {
  return Math.min(LONGEST_NANOSECONDS, Math.max(1, Math.round(milliseconds * NANOSECONDS)));
}
