import type { Logger } from '../../shared/log.js';
import type { ProgressListener } from '../../shared/progress.js';
import { printableText } from '../text/printable-text.js';
import type { Style } from '../text/style.js';
import { wrapText } from '../text/wrap-text.js';
import { ProgressBar } from './progress-bar.js';
import type { ProgressDisplay } from './progress-display.js';
import { ProgressEvents } from './progress-events.js';
import { ProgressLog } from './progress-log.js';

/** How {@link Talk} is set up. */
export interface TalkOptions {
  /** Leaves out progress and notices; warnings are told all the same. */
  readonly quiet: boolean;
  /** Tells everything as one JSON object a line. */
  readonly json: boolean;
  /** Whether lines can be written over: a terminal that can move its cursor. */
  readonly bars: boolean;
  readonly columns: number;
  readonly style: Style;
  /** Whether data goes to the terminal by now: a bar would then be in the way of it. */
  readonly dataOnTerminal: () => boolean;
}

/** An escape sequence that sets a colour, as our own styles write it. */
const COLOUR = /(\u001b\[\d+m)/;

/** Standard error: notices, warnings and progress for the person or the script that waits. */
export class Talk implements Logger {
  readonly #stream: NodeJS.WriteStream;
  readonly #options: TalkOptions;
  readonly #progress: ProgressDisplay | undefined;

  private constructor(stream: NodeJS.WriteStream, options: TalkOptions, bar: ProgressBar | undefined) {
    this.#stream = stream;
    this.#options = options;
    this.#progress = options.quiet ? undefined : (bar ?? this.#lines());
  }

  static async open(stream: NodeJS.WriteStream, options: TalkOptions): Promise<Talk> {
    const wanted = options.bars && !options.quiet && !options.json;
    return new Talk(stream, options, wanted ? await ProgressBar.open(stream) : undefined);
  }

  /** Takes progress of any call. */
  readonly onProgress: ProgressListener = (progress) => {
    if (progress.phase === 'embed' && !this.#options.json && this.#options.dataOnTerminal()) return;
    this.#progress?.show(progress);
  };

  info(message: string): void {
    if (this.#options.quiet) return;
    if (this.#options.json) this.#tell('notice', message);
    else this.#print(message);
  }

  warn(message: string): void {
    if (this.#options.json) this.#tell('warning', message);
    else this.#print(`${this.#options.style.yellow('warning:')} ${message}`);
  }

  /** Text that was asked for: it is told even where notices are not. */
  say(message: string): void {
    this.#print(message);
  }

  /** An event for scripts. JSON stays JSON where characters that a terminal obeys are written as escapes. */
  event(event: object): void {
    this.#stream.write(`${printableText(JSON.stringify(event))}\n`);
  }

  /** Takes the progress bar away. To be called before data is written to the terminal. */
  clear(): void {
    this.#progress?.clear();
  }

  /** Shows the last progress, and takes the bar away for good. */
  finish(): void {
    this.#progress?.finish();
  }

  /** Events come in the order of what they tell: progress that was held back is older. */
  #tell(event: 'notice' | 'warning', message: string): void {
    this.finish();
    this.event({ event, message: plain(message) });
  }

  #lines(): ProgressDisplay {
    const now = (): number => performance.now();
    if (this.#options.json) {
      return new ProgressEvents((event) => {
        this.event(event);
      }, now);
    }
    return new ProgressLog((line) => {
      this.info(line);
    }, now);
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
    .split(COLOUR)
    .map((part, index) => (index % 2 === 0 ? printableText(part) : part))
    .join('');
  return wrap ? wrapText(safe, columns) : safe;
}

function plain(message: string): string {
  return message
    .split(COLOUR)
    .filter((_, index) => index % 2 === 0)
    .join('');
}
