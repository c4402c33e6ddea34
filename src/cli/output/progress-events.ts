import type { Progress } from '../../shared/progress.js';
import { PaceMeter } from './pace-meter.js';
import type { ProgressDisplay } from './progress-display.js';

/** Progress as a script gets it; what is not known is left out. */
export interface ProgressEvent extends Progress {
  readonly event: 'progress';
  /** In `unit` a second, over the last seconds. */
  readonly rate?: number;
  readonly tokensPerSecond?: number;
  readonly secondsLeft?: number;
}

/** Four a second are enough to watch. */
const EVERY_MILLISECONDS = 250;

/** Progress as events: at most four a second, and the last of every step. */
export class ProgressEvents implements ProgressDisplay {
  readonly #emit: (event: ProgressEvent) => void;
  readonly #now: () => number;
  readonly #meter: PaceMeter;
  #waiting: Progress | undefined;
  #emitted = -Infinity;
  #timer: NodeJS.Timeout | undefined;

  /** `now` gives milliseconds. */
  constructor(emit: (event: ProgressEvent) => void, now: () => number) {
    this.#emit = emit;
    this.#now = now;
    this.#meter = new PaceMeter(now);
  }

  show(progress: Progress): void {
    const previous = this.#waiting;
    // The last of a step that was held back comes before the next step; its pace is not that of the next.
    if (this.#meter.add(progress) && previous !== undefined) this.#send(previous, false);
    this.#waiting = progress;
    const { done, total } = progress;
    const wait = this.#emitted + EVERY_MILLISECONDS - this.#now();
    if (wait <= 0 || (total !== undefined && done >= total)) this.finish();
    // A step that stands still is told of, too.
    else
      this.#timer ??= setTimeout(() => {
        this.finish();
      }, wait).unref();
  }

  clear(): void {
    // Lines stay.
  }

  finish(): void {
    if (this.#waiting !== undefined) this.#send(this.#waiting, true);
  }

  #send(progress: Progress, measured: boolean): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#waiting = undefined;
    this.#emitted = this.#now();
    const { perSecond, tokensPerSecond, secondsLeft } = measured ? this.#meter.pace() : {};
    this.#emit({
      event: 'progress',
      ...progress,
      ...(perSecond === undefined ? {} : { rate: rounded(perSecond) }),
      ...(tokensPerSecond === undefined ? {} : { tokensPerSecond: rounded(tokensPerSecond) }),
      ...(secondsLeft === undefined ? {} : { secondsLeft: Math.ceil(secondsLeft) }),
    });
  }
}

function rounded(rate: number): number {
  return Number(rate.toPrecision(4));
}
