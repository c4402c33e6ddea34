import { setTimeout as sleep } from 'node:timers/promises';

/** A source that is silent for so long is a slow one: what it gave goes on, so that a follower of a log sees results. */
const QUIET_MILLISECONDS = 25;

/**
 * Takes items from a source in chunks of a given size, or shorter ones when the source is silent for a moment. The
 * source is asked for an item only while somebody waits for a chunk. One call of {@link next} at a time.
 */
export class ChunkReader<T> {
  readonly #iterator: AsyncIterator<T> | Iterator<T>;
  readonly #size: number;
  #chunk: T[] = [];
  #wanted = false;
  #ended = false;
  /** Why the source ended, if it failed; told after what it gave before. */
  #failure: { readonly error: unknown } | undefined;
  /** The loop that asks the source; it rests while no chunk is wanted. */
  #asking: Promise<void> | undefined;

  constructor(items: AsyncIterable<T> | Iterable<T>, size: number) {
    this.#iterator = Symbol.asyncIterator in items ? items[Symbol.asyncIterator]() : items[Symbol.iterator]();
    this.#size = size;
  }

  /** The next items, at least one; undefined at the end. Rejects with the error of the source, after its items. */
  async next(): Promise<readonly T[] | undefined> {
    if (!this.#ended) {
      this.#wanted = true;
      this.#asking ??= this.#ask();
      await this.#filledOrQuiet(this.#asking);
      this.#wanted = false;
    }
    const chunk = this.#chunk;
    this.#chunk = [];
    if (chunk.length > 0) return chunk;
    if (this.#failure !== undefined) throw this.#failure.error;
    return undefined;
  }

  /** Tells the source that no more is read. One that is being asked and stays silent is not waited for. */
  async return(): Promise<void> {
    this.#wanted = false;
    if (this.#ended) return;
    this.#ended = true;
    const told = Promise.resolve(this.#iterator.return?.());
    told.catch(() => undefined);
    await (this.#asking === undefined ? told : Promise.race([told, sleep(QUIET_MILLISECONDS)]));
  }

  async #ask(): Promise<void> {
    try {
      while (this.#wanted && this.#chunk.length < this.#size) {
        const next = await this.#iterator.next();
        if (next.done === true) {
          this.#ended = true;
          return;
        }
        this.#chunk.push(next.value);
      }
    } catch (error) {
      this.#ended = true;
      this.#failure = { error };
    } finally {
      this.#asking = undefined;
    }
  }

  /** Waits for the loop, but no longer than until something is there and nothing more comes. */
  async #filledOrQuiet(asking: Promise<void>): Promise<void> {
    let known = 0;
    let timer: NodeJS.Timeout | undefined;
    const quiet = new Promise<void>((resolve) => {
      timer = setInterval(() => {
        if (this.#chunk.length > 0 && this.#chunk.length === known) resolve();
        known = this.#chunk.length;
      }, QUIET_MILLISECONDS);
    });
    try {
      await Promise.race([asking, quiet]);
    } finally {
      clearInterval(timer);
    }
  }
}
