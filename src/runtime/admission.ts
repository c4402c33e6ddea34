import { IsovecError } from '../shared/isovec-error.js';

/** How much work may wait. */
export interface AdmissionLimits {
  /** Most texts that wait or run, over all calls. */
  readonly maxPendingTexts: number;
  /** Most tokens that wait or run, over all calls. */
  readonly maxPendingTokens: number;
}

/** Work that was let in. */
export interface Admitted {
  texts: number;
  tokens: number;
}

/** Shortest hint, so that a refused caller does not come back at once. */
const SHORTEST_RETRY_MILLISECONDS = 50;

/**
 * Lets calls in while the sum of pending texts and tokens is within limits. Pure: time is what the caller says. A call
 * that finds nothing pending is always let in, whatever its size, since it could not be served later either.
 */
export class Admission {
  readonly #limits: AdmissionLimits;
  #texts = 0;
  #tokens = 0;
  /** Tokens per millisecond, smoothed; 0 until the first completion. */
  #rate = 0;

  constructor(limits: AdmissionLimits) {
    this.#limits = limits;
  }

  get pendingTexts(): number {
    return this.#texts;
  }

  get pendingTokens(): number {
    return this.#tokens;
  }

  /** Lets a call in, or throws OVERLOADED with `retryAfterMilliseconds`. */
  enter(texts: number, tokens: number): Admitted {
    this.check(texts, tokens);
    this.#texts += texts;
    this.#tokens += tokens;
    return { texts, tokens };
  }

  /** Throws as {@link enter} would, and lets nothing in. */
  check(texts: number, tokens: number): void {
    const overTexts = this.#texts + texts > this.#limits.maxPendingTexts;
    const overTokens = this.#tokens + tokens > this.#limits.maxPendingTokens;
    if (this.#texts > 0 && (overTexts || overTokens)) throw this.#overloaded(overTexts ? 'texts' : 'tokens');
  }

  /** Takes finished work off a call's account. */
  complete(admitted: Admitted, texts: number, tokens: number): void {
    const doneTexts = Math.min(texts, admitted.texts);
    const doneTokens = Math.min(tokens, admitted.tokens);
    admitted.texts -= doneTexts;
    admitted.tokens -= doneTokens;
    this.#texts -= doneTexts;
    this.#tokens -= doneTokens;
  }

  /** Takes the rest of a call off, when it ends for whatever reason. */
  leave(admitted: Admitted): void {
    this.complete(admitted, admitted.texts, admitted.tokens);
  }

  /**
   * Records that so many tokens left the queue in so long, for the retry hint: of a batch among others that run, its time
   * shared among them.
   */
  observe(tokens: number, milliseconds: number): void {
    if (milliseconds <= 0) return;
    const rate = tokens / milliseconds;
    this.#rate = this.#rate === 0 ? rate : this.#rate * 0.9 + rate * 0.1;
  }

  #overloaded(what: 'texts' | 'tokens'): IsovecError {
    const wait = this.#rate === 0 ? 1000 : this.#tokens / this.#rate;
    const retryAfterMilliseconds = Math.max(SHORTEST_RETRY_MILLISECONDS, Math.ceil(wait));
    const [pending, limit] =
      what === 'texts' ? [this.#texts, this.#limits.maxPendingTexts] : [this.#tokens, this.#limits.maxPendingTokens];
    return new IsovecError(
      'OVERLOADED',
      `The queue is full: ${pending} ${what} are pending and the limit is ${limit}. Try again in about ${retryAfterMilliseconds} ms.`,
      { data: { retryAfterMilliseconds, pendingTexts: this.#texts, pendingTokens: this.#tokens } },
    );
  }
}
