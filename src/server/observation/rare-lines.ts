/** Lets one of many equal log lines through in a while. Pure: time is what the caller says. */
export class RareLines {
  readonly #interval: number;
  readonly #kinds = new Map<string, { last: number; held: number }>();

  /** At most one line of a kind in `interval` milliseconds. */
  constructor(interval: number) {
    this.#interval = interval;
  }

  /** How many lines this one stands for, itself among them; undefined if it is held back. Kinds must be few. */
  next(kind: string, now: number): number | undefined {
    const state = this.#kinds.get(kind);
    if (state !== undefined && now - state.last < this.#interval) {
      state.held++;
      return undefined;
    }
    const count = 1 + (state?.held ?? 0);
    this.#kinds.set(kind, { last: now, held: 0 });
    return count;
  }
}
