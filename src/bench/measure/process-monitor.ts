import { type IntervalHistogram, monitorEventLoopDelay } from 'node:perf_hooks';
import process from 'node:process';
import { BoundedSeries } from './bounded-series.js';

/** What this process needed during a measurement. Of a server it is the process that sends the calls, not the server. */
export interface ProcessFigures {
  /** Milliseconds that the event loop was late. */
  readonly eventLoopDelay: { readonly p50: number; readonly p99: number; readonly max: number };
  /** Resident memory in bytes. */
  readonly memory: {
    readonly start: number;
    readonly peak: number;
    readonly end: number;
    /** Peaks over equal stretches of time, in order. */
    readonly series: readonly number[];
    readonly millisecondsPerPoint: number;
  };
  /** Cores that were busy on average, over all threads of the process. */
  readonly cpuCores: number;
}

/** The delay is sampled by a timer of this period, which is part of what the monitor gives. */
const RESOLUTION = 5;
const MEMORY_MILLISECONDS = 100;
/** Enough to see whether memory grows. */
const SERIES_POINTS = 120;

/** Watches the event loop, the memory and the processor time of this process. */
export class ProcessMonitor {
  readonly #delay: IntervalHistogram = monitorEventLoopDelay({ resolution: RESOLUTION });
  readonly #series = new BoundedSeries(SERIES_POINTS);
  readonly #timer: NodeJS.Timeout;
  readonly #cpu = process.cpuUsage();
  readonly #begun = performance.now();
  readonly #start = process.memoryUsage.rss();
  #peak = this.#start;

  constructor() {
    this.#delay.enable();
    this.#timer = setInterval(() => this.#sample(), MEMORY_MILLISECONDS).unref();
  }

  /** Ends the watch; called once. */
  stop(): ProcessFigures {
    clearInterval(this.#timer);
    this.#delay.disable();
    const end = this.#sample();
    const { user, system } = process.cpuUsage(this.#cpu);
    const late = (nanoseconds: number): number => Math.max(0, nanoseconds / 1e6 - RESOLUTION);
    // A measurement that is shorter than the monitor's first sample has none.
    const measured = this.#delay.count > 0;
    return {
      eventLoopDelay: {
        p50: measured ? late(this.#delay.percentile(50)) : 0,
        p99: measured ? late(this.#delay.percentile(99)) : 0,
        max: measured ? late(this.#delay.max) : 0,
      },
      memory: {
        start: this.#start,
        peak: this.#peak,
        end,
        series: this.#series.points,
        millisecondsPerPoint: MEMORY_MILLISECONDS * this.#series.valuesPerPoint,
      },
      cpuCores: (user + system) / 1000 / (performance.now() - this.#begun),
    };
  }

  #sample(): number {
    const bytes = process.memoryUsage.rss();
    this.#peak = Math.max(this.#peak, bytes);
    this.#series.add(bytes);
    return bytes;
  }
}
