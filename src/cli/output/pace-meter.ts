import type { Progress } from '../../shared/progress.js';

/** How fast a step goes; what cannot be known yet is undefined. */
export interface Pace {
  /** In the step's unit. */
  readonly perSecond: number | undefined;
  readonly tokensPerSecond: number | undefined;
  readonly secondsLeft: number | undefined;
}

interface Sample {
  readonly at: number;
  readonly done: number;
  readonly tokens: number | undefined;
}

/** The rate is that of so long: less would tremble, more would tell of what is over. */
const WINDOW_MILLISECONDS = 10_000;
const SAMPLE_MILLISECONDS = 250;
/** What a rate is not taken from: it would be chance. */
const LEAST_MILLISECONDS = 500;

/** Measures the pace of one step after another over the last seconds. */
export class PaceMeter {
  readonly #now: () => number;
  #step = '';
  #samples: Sample[] = [];
  #latest: Sample | undefined;
  #total: number | undefined;

  /** `now` gives milliseconds. */
  constructor(now: () => number) {
    this.#now = now;
  }

  /** Takes progress in; says whether another step than before begins with it. */
  add({ phase, subject, done, tokens, total }: Progress): boolean {
    const step = `${phase} ${subject}`;
    const begins = step !== this.#step;
    // What starts again, as a download after a lost connection, is measured anew.
    if (begins || done < (this.#latest?.done ?? 0)) this.#samples = [];
    this.#step = step;
    this.#total = total;
    const sample = { at: this.#now(), done, tokens };
    this.#latest = sample;
    if (sample.at - (this.#samples.at(-1)?.at ?? -Infinity) >= SAMPLE_MILLISECONDS) this.#samples.push(sample);
    return begins;
  }

  /** The pace of the step that goes on. */
  pace(): Pace {
    const now = this.#now();
    // One sample from before the window stays as where it begins.
    while ((this.#samples[1]?.at ?? Infinity) <= now - WINDOW_MILLISECONDS) this.#samples.shift();
    const [base] = this.#samples;
    const latest = this.#latest;
    if (base === undefined || latest === undefined || now - base.at < LEAST_MILLISECONDS) {
      return { perSecond: undefined, tokensPerSecond: undefined, secondsLeft: undefined };
    }
    const seconds = (now - base.at) / 1000;
    const perSecond = (latest.done - base.done) / seconds;
    const left = this.#total === undefined || perSecond <= 0 ? undefined : (this.#total - latest.done) / perSecond;
    const tokens =
      latest.tokens === undefined || base.tokens === undefined ? undefined : (latest.tokens - base.tokens) / seconds;
    return {
      perSecond,
      tokensPerSecond: tokens,
      secondsLeft: left === undefined ? undefined : Math.max(0, left),
    };
  }
}
