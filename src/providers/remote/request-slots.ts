import type { Priority } from '../provider.js';
import type { CallScope } from '../call-scope.js';

/** How many milliseconds later a request counts as having come: waiting makes up for it, so that nothing starves. */
const HANDICAP_MS: Readonly<Record<Priority, number>> = { high: 0, normal: 1_000, low: 5_000 };

interface Waiter {
  readonly rank: number;
  readonly start: () => void;
}

/** Lets so many requests run at once; of those that wait, the most urgent is next. */
export class RequestSlots {
  #free: number;
  readonly #waiting = new Set<Waiter>();

  constructor(slots: number) {
    this.#free = slots;
  }

  /** Runs a request when there is room for it; throws the error of the call if that is over before. */
  async run<T>(scope: CallScope, request: () => Promise<T>): Promise<T> {
    scope.throwIfOver();
    if (this.#free > 0) this.#free--;
    else await this.#turn(scope);
    try {
      scope.throwIfOver();
      return await request();
    } finally {
      this.#next();
    }
  }

  #turn(scope: CallScope): Promise<void> {
    return new Promise((resolve, reject) => {
      const waiter: Waiter = {
        rank: performance.now() + HANDICAP_MS[scope.priority],
        start: () => {
          scope.signal.removeEventListener('abort', leave);
          resolve();
        },
      };
      const leave = (): void => {
        this.#waiting.delete(waiter);
        reject(scope.error ?? new Error('The call is over.'));
      };
      this.#waiting.add(waiter);
      scope.signal.addEventListener('abort', leave, { once: true });
    });
  }

  /** Hands the place of a request that is done to the next one. */
  #next(): void {
    let next: Waiter | undefined;
    for (const waiter of this.#waiting) if (next === undefined || waiter.rank < next.rank) next = waiter;
    if (next === undefined) {
      this.#free++;
      return;
    }
    this.#waiting.delete(next);
    next.start();
  }
}
