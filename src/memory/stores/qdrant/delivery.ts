import { searchDigest } from '../search-digest.js';
import { memoryPoint, pointId } from './memory-points.js';
import type { Outbox } from './outbox.js';
import type { QdrantCollection } from './qdrant-collection.js';

/** Changes that are sent at a time: half a megabyte of JSON. */
const BATCH = 64;

/** Takes changes from the outbox of a file to a collection. What is sent twice, or by two processes, does no harm. */
export class Delivery {
  readonly #outbox: Outbox;
  readonly #collection: QdrantCollection;
  readonly #store: string;
  /** The last run that was asked for, whatever becomes of it. */
  #last: Promise<unknown> = Promise.resolve();
  /** A run that has not begun. */
  #next: Promise<void> | undefined;

  constructor(outbox: Outbox, collection: QdrantCollection, store: string) {
    this.#outbox = outbox;
    this.#collection = collection;
    this.#store = store;
  }

  /** Resolves when all changes are sent that were pending when it was called. */
  all(): Promise<void> {
    // One that runs may have looked before the caller's change; those who wait share the one after it.
    if (this.#next !== undefined) return this.#next;
    const run = this.#last.then(() => {
      this.#next = undefined;
      return this.#send();
    });
    this.#next = run;
    this.#last = run.catch(() => undefined);
    return run;
  }

  /** Resolves when nothing is being sent any more. */
  async settled(): Promise<void> {
    await this.#last;
  }

  async #send(): Promise<void> {
    const newest = await this.#outbox.newest();
    for (;;) {
      const taken = await this.#outbox.take(BATCH, newest);
      if (taken.length === 0) return;
      const changes = taken.map((change) => ({ ...change, digest: searchDigest(change.memory) }));
      const put = changes.flatMap(({ memory, digest }) =>
        memory === undefined ? [] : [memoryPoint(this.#store, memory, digest)],
      );
      const gone = changes.filter(({ memory }) => memory === undefined).map(({ id }) => pointId(this.#store, id));
      await this.#collection.put(put);
      await this.#collection.remove(gone);
      await this.#outbox.settle(changes.map(({ serial, id, digest }) => ({ serial, id, digest })));
    }
  }
}
