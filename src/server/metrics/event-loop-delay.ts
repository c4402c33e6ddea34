import { monitorEventLoopDelay } from 'node:perf_hooks';

/** How often the event loop is looked at, in milliseconds: a hundred wake-ups a second cost nothing that can be measured. */
const RESOLUTION_MILLISECONDS = 10;

/** How late the event loop was, in seconds. */
export interface Delays {
  readonly median: number;
  readonly p99: number;
  readonly longest: number;
}

/** Watches how late timers are on this thread, from one reading to the next. */
export class EventLoopDelay {
  readonly #histogram = monitorEventLoopDelay({ resolution: RESOLUTION_MILLISECONDS });
  #last: Delays = { median: 0, p99: 0, longest: 0 };

  constructor() {
    this.#histogram.enable();
  }

  /** The delays since the last reading; those of the last one if nothing was measured meanwhile. */
  read(): Delays {
    const { count } = this.#histogram;
    if (count === 0) return this.#last;
    this.#last = {
      median: late(this.#histogram.percentile(50)),
      p99: late(this.#histogram.percentile(99)),
      longest: late(this.#histogram.max),
    };
    this.#histogram.reset();
    return this.#last;
  }

  /** Watches no more. Idempotent. */
  close(): void {
    this.#histogram.disable();
  }
}

/** What Node measures is the time between two wake-ups, in nanoseconds: the interval itself is no delay. */
function late(nanoseconds: number): number {
  return Math.max(0, nanoseconds / 1e9 - RESOLUTION_MILLISECONDS / 1e3);
}
