import type { EmbeddingSpace } from '../../../models/embedding-space.js';
import type { OutboxTarget, PendingChange, SentChange } from '../sqlite/outbox-database.js';
import { SqliteThread } from '../sqlite/sqlite-thread.js';

/** The outbox of a file, on its thread; see `OutboxDatabase`. */
export class Outbox {
  readonly #thread: SqliteThread;

  private constructor(thread: SqliteThread) {
    this.#thread = thread;
  }

  /** For a file that is open as a store. */
  static async open(file: string, space: EmbeddingSpace): Promise<Outbox> {
    return new Outbox((await SqliteThread.open({ file, space, role: 'outbox' })).thread);
  }

  attach(target: OutboxTarget): Promise<string> {
    return this.#thread.call('attach', target);
  }

  newest(): Promise<number> {
    return this.#thread.call('newest');
  }

  pending(): Promise<number> {
    return this.#thread.call('pending');
  }

  take(limit: number, newest: number): Promise<readonly PendingChange[]> {
    return this.#thread.call('take', limit, newest);
  }

  enqueue(ids: readonly string[]): Promise<void> {
    return this.#thread.call('enqueue', ids);
  }

  settle(changes: readonly SentChange[]): Promise<void> {
    return this.#thread.call('settle', changes);
  }

  close(): Promise<void> {
    return this.#thread.close();
  }
}
