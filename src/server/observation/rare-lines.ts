/** Lets one of many equal log lines through in a while, and counts the others. Pure: time is what the caller says. */
export class RareLines {
  readonly #interval: number;
  readonly #kinds = new Map<string, { last: number; held: number }>();

  /** At most one line of a kind in `interval` milliseconds; kinds must be few. */
  constructor(interval: number) {
    this.#interval = interval;
  }

  /** How many lines this one stands for, itself among them; undefined if it is held back. */
  next(kind: string, now: number): number | undefined {
    const state = this.#kinds.get(kind);
    if (state !== undefined && now - state.last < this.#interval) {
      state.held++;
      return undefined;
    }
    return this.take(kind, now) + 1;
  }

  /** How many lines are held back, for a line that stands for them now. */
  take(kind: string, now: number): number {
    const held = this.#kinds.get(kind)?.held ?? 0;
    this.#kinds.set(kind, { last: now, held: 0 });
    return held;
  }
}
