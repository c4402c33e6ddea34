import type { Logger } from '../../shared/log.js';
import type { ProgressListener } from '../../shared/progress.js';
import { printableText } from '../text/printable-text.js';
import type { Style } from '../text/style.js';
import { wrapText } from '../text/wrap-text.js';
import { ProgressBar } from './progress-bar.js';
import { ProgressLog } from './progress-log.js';

/** How {@link Talk} is set up. */
export interface TalkOptions {
  /** Leaves out progress and notices; warnings are told all the same. */
  readonly quiet: boolean;
  readonly columns: number;
  readonly style: Style;
  /** Whether data goes to a terminal, too: a bar would then be in the way of it. */
  readonly dataOnTerminal: boolean;
}

/** Standard error: notices, warnings and progress for the person who waits. */
export class Talk implements Logger {
  readonly #stream: NodeJS.WriteStream;
  readonly #options: TalkOptions;
  readonly #progress: ProgressBar | ProgressLog | undefined;

  private constructor(stream: NodeJS.WriteStream, options: TalkOptions, bar: ProgressBar | undefined) {
    this.#stream = stream;
    this.#options = options;
    const log = new ProgressLog((line) => {
      this.info(line);
    });
    this.#progress = options.quiet ? undefined : (bar ?? log);
  }

  static async open(stream: NodeJS.WriteStream, options: TalkOptions): Promise<Talk> {
    const bar = stream.isTTY && !options.quiet ? await ProgressBar.open(stream) : undefined;
    return new Talk(stream, options, bar);
  }

  /** Takes progress of any call. */
  readonly onProgress: ProgressListener = (progress) => {
    if (progress.phase === 'embed' && this.#options.dataOnTerminal) return;
    this.#progress?.show(progress);
  };

  info(message: string): void {
    if (!this.#options.quiet) this.#print(message);
  }

  warn(message: string): void {
    this.#print(`${this.#options.style.yellow('warning:')} ${message}`);
  }

  /** Takes the progress bar away. To be called before data is written to the terminal. */
  clear(): void {
    if (this.#progress instanceof ProgressBar) this.#progress.clear();
  }

  #print(message: string): void {
    this.clear();
    const text = message.split('\n').map((line) => printableLine(line, this.#stream.isTTY, this.#options.columns));
    this.#stream.write(`${text.join('\n')}\n`);
  }
}

/** Colours are ours and stay; other control characters come from names, and do not. Logs keep whole lines. */
function printableLine(line: string, wrap: boolean, columns: number): string {
  const safe = line
    .split(/(\u001b\[\d+m)/)
    .map((part, index) => (index % 2 === 0 ? printableText(part) : part))
    .join('');
  return wrap ? wrapText(safe, columns) : safe;
}
