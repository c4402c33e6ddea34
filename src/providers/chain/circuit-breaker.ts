/** Failures in a row after which a provider is left alone for a while. */
const FAILURES = 3;
/** How long at first, in milliseconds; twice as long after every failed trial, up to the most. */
const FIRST_PAUSE_MILLISECONDS = 1000;
const MOST_PAUSE_MILLISECONDS = 60_000;

/**
 * Decides whether a provider is asked: not for a while after it failed several times in a row, and then by one call at a
 * time until one succeeds. Pure: time is what the caller says, in milliseconds.
 */
export class CircuitBreaker {
  #failures = 0;
  #pause = FIRST_PAUSE_MILLISECONDS;
  #openUntil = -Infinity;
  #trial = false;

  /** Whether calls go through without a trial. */
  get closed(): boolean {
    return this.#failures < FAILURES;
  }

  /** Whether a call may be made now; a call that is let in must report how it went. */
  enter(now: number): boolean {
    if (this.closed) return true;
    if (this.#trial || now < this.#openUntil) return false;
    this.#trial = true;
    return true;
  }

  succeeded(): void {
    this.#failures = 0;
    this.#pause = FIRST_PAUSE_MILLISECONDS;
    this.#trial = false;
  }

  failed(now: number): void {
    if (this.#trial) this.#pause = Math.min(MOST_PAUSE_MILLISECONDS, this.#pause * 2);
    this.#trial = false;
    this.#failures++;
    if (!this.closed) this.#openUntil = now + this.#pause;
  }

  /** The call ended for a reason that says nothing about the provider. */
  left(): void {
    this.#trial = false;
  }
}
