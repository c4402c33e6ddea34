import type { Progress } from '../../shared/progress.js';
import { formatBytes } from '../text/format-bytes.js';
import { PaceMeter } from './pace-meter.js';
import type { ProgressDisplay } from './progress-display.js';
import { PHASE_VERBS, progressFacts } from './progress-line.js';

const EVERY_MILLISECONDS = 10_000;

/** Progress as plain lines, for a log: one when a download or another long step begins, then one every ten seconds. */
export class ProgressLog implements ProgressDisplay {
  readonly #print: (line: string) => void;
  readonly #now: () => number;
  readonly #meter: PaceMeter;
  #printed = 0;

  /** `now` gives milliseconds. */
  constructor(print: (line: string) => void, now: () => number) {
    this.#print = print;
    this.#now = now;
    this.#meter = new PaceMeter(now);
  }

  show(progress: Progress): void {
    const { phase, subject, total, unit } = progress;
    if (this.#meter.add(progress)) {
      this.#printed = this.#now();
      if (['verify', 'load', 'embed', 'search', 'compare', 'measure'].includes(phase)) return;
      const size = unit === 'bytes' && total !== undefined ? ` (${formatBytes(total)})` : '';
      this.#print(`${PHASE_VERBS[phase]} ${subject}${size}`);
    } else if (this.#now() - this.#printed >= EVERY_MILLISECONDS) {
      this.#printed = this.#now();
      this.#print(progressFacts(progress, this.#meter.pace()));
    }
  }

  clear(): void {
    // Lines stay.
  }

  finish(): void {
    // Nothing is held back.
  }
}
