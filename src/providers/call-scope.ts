import { deadlineError, deadlineTime, deadlineTimer, isOver } from '../runtime/deadline.js';
import { abortError, throwIfAborted } from '../shared/abort.js';
import { checkOptions } from '../shared/check-options.js';
import type { IsovecError } from '../shared/isovec-error.js';
import { PROVIDER_CALL_RULES } from './call-rules.js';
import type { Priority, ProviderCallOptions } from './provider.js';

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
  readonly #timer: NodeJS.Timeout | undefined;
  #error: IsovecError | undefined;

  /** CONFIG_INVALID for wrong options; ABORTED and DEADLINE_EXCEEDED if the call is over before it begins. */
  constructor(call: string, options: ProviderCallOptions) {
    checkOptions(call, options, PROVIDER_CALL_RULES);
    const { signal, priority = 'normal' } = options;
    const deadline = deadlineTime(options.deadline);
    throwIfAborted(signal);
    if (isOver(deadline)) throw deadlineError();
    this.priority = priority;
    this.deadline = deadline;
    this.#outer = signal;
    signal?.addEventListener('abort', this.#onAbort, { once: true });
    this.#timer = deadlineTimer(deadline, () => {
      this.fail(deadlineError());
    });
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
