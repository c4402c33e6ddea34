import { abortError } from '../../shared/abort.js';
import { IsovecError } from '../../shared/isovec-error.js';
import type { Priority, ProviderCallOptions } from '../provider.js';

/** Longest delay of a timer, 24 days; a later deadline never comes. */
const LONGEST_TIMER_MS = 2 ** 31 - 1;
const PRIORITIES: readonly string[] = ['high', 'normal', 'low'];

/**
 * One call from its begin to its end: whatever it waits for ends with the first of cancelling, deadline, closing and
 * failure, which is the error of the call.
 */
export class CallScope {
  readonly priority: Priority;
  /** Milliseconds since the epoch. */
  readonly deadline: number | undefined;
  readonly #controller = new AbortController();
  readonly #outer: AbortSignal | undefined;
  #timer: NodeJS.Timeout | undefined;
  #error: IsovecError | undefined;

  /** CONFIG_INVALID for wrong options; ABORTED and DEADLINE_EXCEEDED if the call is over before it begins. */
  constructor(options: ProviderCallOptions) {
    const { signal, deadline, priority = 'normal' } = options;
    if (!PRIORITIES.includes(priority)) throw invalidOption('priority', `must be one of ${PRIORITIES.join(', ')}`);
    if (signal !== undefined && !(signal instanceof AbortSignal)) {
      throw invalidOption('signal', 'must be an AbortSignal');
    }
    const time = deadline instanceof Date ? deadline.getTime() : deadline;
    if (time !== undefined && (typeof time !== 'number' || Number.isNaN(time))) {
      throw invalidOption('deadline', 'must be a Date or milliseconds since the epoch');
    }
    if (signal?.aborted === true) throw abortError(signal);
    const left = time === undefined ? Infinity : time - Date.now();
    if (left <= 0) throw deadlineError();
    this.priority = priority;
    this.deadline = time;
    this.#outer = signal;
    signal?.addEventListener('abort', this.#onAbort, { once: true });
    if (left > LONGEST_TIMER_MS) return;
    this.#timer = setTimeout(() => {
      this.fail(deadlineError());
    }, left);
  }

  /** Fires when the call is over before its answer. */
  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  /** Why the call is over. */
  get error(): IsovecError | undefined {
    return this.#error;
  }

  /** Throws {@link error} if the call is over. */
  throwIfOver(): void {
    if (this.#error !== undefined) throw this.#error;
  }

  /** Ends the call; the first error is the one that counts. */
  fail(error: IsovecError): void {
    if (this.#error !== undefined) return;
    this.#error = error;
    this.#controller.abort(error);
  }

  /** Waits; throws {@link error} if the call ends meanwhile. */
  async sleep(milliseconds: number): Promise<void> {
    this.throwIfOver();
    await new Promise<void>((resolve) => {
      const done = (): void => {
        clearTimeout(timer);
        this.signal.removeEventListener('abort', done);
        resolve();
      };
      const timer = setTimeout(done, milliseconds);
      this.signal.addEventListener('abort', done, { once: true });
    });
    this.throwIfOver();
  }

  /** Lets go of timer and signal, when the call has its answer or its error. */
  release(): void {
    clearTimeout(this.#timer);
    this.#outer?.removeEventListener('abort', this.#onAbort);
  }

  readonly #onAbort = (): void => {
    if (this.#outer !== undefined) this.fail(abortError(this.#outer));
  };
}

function deadlineError(): IsovecError {
  return new IsovecError('DEADLINE_EXCEEDED', 'The deadline passed before every text was embedded.');
}

function invalidOption(option: string, rule: string): IsovecError {
  return new IsovecError('CONFIG_INVALID', `Option ${option} ${rule}.`, { data: { option } });
}
