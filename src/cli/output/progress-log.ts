import type { Progress } from '../../shared/progress.js';
import { formatBytes } from '../text/format-bytes.js';
import { PHASE_VERBS } from './progress-line.js';

/** Progress as plain lines, for a log: one when a download or another long step begins, none in between. */
export class ProgressLog {
  readonly #print: (line: string) => void;
  #step = '';

  constructor(print: (line: string) => void) {
    this.#print = print;
  }

  show(progress: Progress): void {
    const { phase, subject, total, unit } = progress;
    const step = `${phase} ${subject}`;
    if (step === this.#step || ['verify', 'load', 'embed'].includes(phase)) return;
    this.#step = step;
    const size = unit === 'bytes' && total !== undefined ? ` (${formatBytes(total)})` : '';
    this.#print(`${PHASE_VERBS[phase]} ${subject}${size}`);
  }
}
