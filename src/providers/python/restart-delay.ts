/** A child that lives so long before it ends has nothing to do with the one before, in milliseconds. */
const CALM_MILLISECONDS = 60_000;
const FIRST_DELAY_MILLISECONDS = 100;
const MOST_DELAY_MILLISECONDS = 2000;

/** Decides how long to wait before a child is started again: not at all at first, then longer with every end in a row. Pure. */
export class RestartDelay {
  #endsInARow = 0;
  #startedAt = 0;

  /** A child is about to be started; gives the milliseconds to wait before. */
  next(now: number): number {
    if (now - this.#startedAt >= CALM_MILLISECONDS) this.#endsInARow = 0;
    const delay =
      this.#endsInARow < 2
        ? 0
        : Math.min(MOST_DELAY_MILLISECONDS, FIRST_DELAY_MILLISECONDS * 2 ** (this.#endsInARow - 2));
    this.#endsInARow++;
    this.#startedAt = now + delay;
    return delay;
  }
}
