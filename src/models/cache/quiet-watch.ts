/**
 * Tells for how long something has not changed, by a clock that never jumps: ages by file times are wrong when the
 * clock of either host is.
 */
export class QuietWatch {
  #stamp: string | undefined;
  #since = 0;

  /** Milliseconds since this stamp was first seen without another between; 0 at first. */
  quietFor(stamp: string): number {
    const now = performance.now();
    if (stamp !== this.#stamp) {
      this.#stamp = stamp;
      this.#since = now;
    }
    return now - this.#since;
  }
}
