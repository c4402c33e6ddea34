import type { ErrorCode } from '../../shared/error-table.js';
import type { IsovecError } from '../../shared/isovec-error.js';
import type { Logger } from '../../shared/log.js';
import type { Outcome } from '../metrics/outcome.js';
import type { Protocol } from '../metrics/request-record.js';
import { RareLines } from './rare-lines.js';

/** What is told of a request. */
export interface RequestLine {
  readonly requestId: string;
  readonly traceId: string | undefined;
  readonly protocol: Protocol;
  readonly method: string;
  /** The route's pattern; empty where there is none. */
  readonly route: string;
  readonly status: number;
  readonly outcome: Outcome;
  readonly model: string | undefined;
  readonly code: ErrorCode | undefined;
  readonly totalMs: number;
  readonly [figure: string]: string | number | undefined;
}

/** An overload refuses thousands of requests a second; a line in this time says how many. */
const INTERVAL_MILLISECONDS = 10_000;

/**
 * Tells of requests: failures of the server one by one, overload now and then with its count, and everything for those who
 * ask for it. Messages of errors may quote a request, so that no line holds one; of a failure the frames of the stack say
 * where to look.
 */
export class RequestLog {
  readonly #logger: Logger;
  readonly #interval: number;
  readonly #overload: RareLines;
  /** Of codes with lines that are held back. */
  readonly #timers = new Map<ErrorCode, NodeJS.Timeout>();

  constructor(logger: Logger, interval: number = INTERVAL_MILLISECONDS) {
    this.#logger = logger;
    this.#interval = interval;
    this.#overload = new RareLines(interval);
  }

  /** A request is over. */
  tell(line: RequestLine, error: IsovecError | undefined): void {
    const { outcome, code } = line;
    if (outcome === 'server_error') {
      const data = { ...line, ...(error === undefined ? {} : { stack: framesOf(error) }) };
      if (this.#logger.error === undefined) this.#logger.warn('request failed', data);
      else this.#logger.error('request failed', data);
      return;
    }
    if (outcome === 'refused' && code !== undefined) this.#refused(code);
    this.#logger.debug?.('request', line);
  }

  /** Tells of what is held back. Idempotent. */
  close(): void {
    for (const code of [...this.#timers.keys()]) this.#tellHeld(code);
  }

  #refused(code: ErrorCode): void {
    const requests = this.#overload.next(code, performance.now());
    if (requests !== undefined) this.#logger.warn('requests refused', { code, requests });
    else if (!this.#timers.has(code)) {
      const tell = (): void => {
        this.#tellHeld(code);
      };
      this.#timers.set(code, setTimeout(tell, this.#interval).unref());
    }
  }

  #tellHeld(code: ErrorCode): void {
    clearTimeout(this.#timers.get(code));
    this.#timers.delete(code);
    const requests = this.#overload.take(code, performance.now());
    if (requests > 0) this.#logger.warn('requests refused', { code, requests });
  }
}

/** Where an error and its causes were made, without what they say. */
function framesOf(error: unknown): string[] {
  if (!(error instanceof Error)) return [];
  const { stack = '', message } = error;
  const begin = stack.indexOf(message);
  const frames = (begin < 0 ? '' : stack.slice(begin + message.length))
    .split('\n')
    .filter((line) => /^ {4}at /.test(line));
  return [error.name, ...frames.map((line) => line.trim()), ...framesOf(error.cause)];
}
