/** What tells that a call is over: its status has been sent, or its client has gone. */
interface Call {
  readonly cancelled: boolean;
  readonly once: (event: 'cancelled', listener: () => void) => unknown;
}

/** Answers on their way to clients, so that an end of the server waits for slow readers and can tell whether it cut one off. */
export class UnsentAnswers {
  readonly #counts = new Map<Call, number>();
  readonly #known = new WeakSet<Call>();
  #onNone: (() => void) | undefined;

  /** A call is owed an answer. It is owed none once it is over. */
  begin(call: Call): void {
    if (call.cancelled) return;
    this.#counts.set(call, (this.#counts.get(call) ?? 0) + 1);
    if (this.#known.has(call)) return;
    this.#known.add(call);
    call.once('cancelled', () => {
      this.#remove(call);
    });
  }

  /** An answer of a call has left. */
  sent(call: Call): void {
    const count = this.#counts.get(call) ?? 0;
    if (count > 1) this.#counts.set(call, count - 1);
    else this.#remove(call);
  }

  /** Waits until all answers have left, for so many milliseconds at most: whether they have. */
  async allSent(milliseconds: number): Promise<boolean> {
    if (this.#counts.size === 0) return true;
    let timer: NodeJS.Timeout | undefined;
    await new Promise<void>((resolve) => {
      this.#onNone = resolve;
      timer = setTimeout(resolve, milliseconds);
    });
    clearTimeout(timer);
    return this.#counts.size === 0;
  }

  #remove(call: Call): void {
    this.#counts.delete(call);
    if (this.#counts.size === 0) this.#onNone?.();
  }
}
