import type { SingleBar } from 'cli-progress';
import type { Progress } from '../../shared/progress.js';
import { PaceMeter } from './pace-meter.js';
import type { ProgressDisplay } from './progress-display.js';
import { progressLine } from './progress-line.js';
import { terminalColumns } from './terminal-columns.js';

/** The progress of one step after another, on one line of a terminal that is gone when the step is done. */
export class ProgressBar implements ProgressDisplay {
  readonly #stream: NodeJS.WriteStream;
  readonly #makeBar: typeof SingleBar;
  readonly #meter = new PaceMeter(() => performance.now());
  #bar: SingleBar | undefined;
  #latest: Progress | undefined;

  private constructor(stream: NodeJS.WriteStream, makeBar: typeof SingleBar) {
    this.#stream = stream;
    this.#makeBar = makeBar;
  }

  static async open(stream: NodeJS.WriteStream): Promise<ProgressBar> {
    const { default: library } = await import('cli-progress');
    return new ProgressBar(stream, library.SingleBar);
  }

  show(progress: Progress): void {
    if (this.#meter.add(progress)) this.clear();
    this.#latest = progress;
    if (progress.total !== undefined && progress.done >= progress.total) {
      this.clear();
      return;
    }
    this.#bar ??= this.#start();
    this.#bar.update(progress.done);
  }

  /** Takes the bar away, for text or for good. */
  clear(): void {
    this.#bar?.stop();
    this.#bar = undefined;
  }

  finish(): void {
    this.clear();
  }

  #start(): SingleBar {
    const bar = new this.#makeBar({
      stream: this.#stream,
      format: () => this.#line(),
      clearOnComplete: true,
      fps: 8,
    });
    bar.start(this.#latest?.total ?? 0, 0);
    return bar;
  }

  #line(): string {
    if (this.#latest === undefined) return '';
    // The terminal may have been resized.
    return progressLine(this.#latest, this.#meter.pace(), terminalColumns(this.#stream, {}) - 1);
  }
}
