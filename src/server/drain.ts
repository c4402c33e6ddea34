import { IsovecError } from '../shared/isovec-error.js';

/** How long what was accepted may take when the server ends, unless the caller says otherwise. */
export const GRACE_MILLISECONDS = 30_000;

/** Counts the requests that are being answered, so that a server can stop without losing one. */
export class Drain {
  #draining = false;
  #open = 0;
  #onEmpty: (() => void) | undefined;

  /** Whether new work is refused. */
  get draining(): boolean {
    return this.#draining;
  }

  /** Requests that are being answered. */
  get open(): number {
    return this.#open;
  }

  /** Runs work that an end of the server waits for. PROVIDER_UNAVAILABLE once the server is about to end. */
  async track<T>(work: () => Promise<T>): Promise<T> {
    if (this.#draining) {
      throw new IsovecError(
        'PROVIDER_UNAVAILABLE',
        'The server is about to end and takes no new work; try another one.',
      );
    }
    this.#open++;
    try {
      return await work();
    } finally {
      this.#open--;
      if (this.#open === 0) this.#onEmpty?.();
    }
  }

  /** Refuses new work; resolves when all that was begun is done, or after the grace period: whether all was done. */
  async end(graceMilliseconds: number): Promise<boolean> {
    this.#draining = true;
    if (this.#open === 0) return true;
    let timer: NodeJS.Timeout | undefined;
    await Promise.race([
      new Promise<void>((resolve) => {
        this.#onEmpty = resolve;
      }),
      new Promise<void>((resolve) => {
        timer = setTimeout(resolve, graceMilliseconds);
      }),
    ]);
    clearTimeout(timer);
    return this.#open === 0;
  }
}
