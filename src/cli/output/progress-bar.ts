import type { SingleBar } from 'cli-progress';
import type { Progress } from '../../shared/progress.js';
import { fitText } from '../text/fit-text.js';
import { progressLine } from './progress-line.js';

/** The progress of one step after another, on one line of a terminal that is gone when the step is done. */
export class ProgressBar {
  readonly #stream: NodeJS.WriteStream;
  readonly #makeBar: typeof SingleBar;
  #bar: SingleBar | undefined;
  #step = '';
  #begun = 0;
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
    const step = `${progress.phase} ${progress.subject}`;
    if (step !== this.#step) {
      this.clear();
      this.#step = step;
      this.#begun = performance.now();
    }
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
    const seconds = (performance.now() - this.#begun) / 1000;
    return fitText(progressLine(this.#latest, seconds), this.#stream.columns - 1);
  }
}
