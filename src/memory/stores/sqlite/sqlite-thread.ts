import { Worker } from 'node:worker_threads';
import type { EmbeddingSpace } from '../../../models/embedding-space.js';
import { errorMessage, IsovecError } from '../../../shared/isovec-error.js';
import { storeClosed } from '../check-change.js';
import type { SqliteMethod, SqliteReply, SqliteRequest, SqliteStart } from './sqlite-messages.js';

interface Waiting {
  readonly resolve: (value: never) => void;
  readonly reject: (error: IsovecError) => void;
}

/**
 * The thread of one file, on which SQLite's calls block and wait for other processes. It keeps the process alive while a call is
 * open, and while it is being closed.
 */
export class SqliteThread {
  readonly #file: string;
  readonly #worker: Worker;
  readonly #waiting = new Map<number, Waiting>();
  #lastId = 0;
  #closing: Promise<void> | undefined;
  #lost: IsovecError | undefined;

  private constructor(file: string, worker: Worker) {
    this.#file = file;
    this.#worker = worker;
    worker.on('message', (reply: SqliteReply) => {
      this.#onReply(reply);
    });
    worker.on('error', (error) => {
      this.#onEnd(errorMessage(error));
    });
    worker.on('exit', () => {
      this.#onEnd('it ended');
    });
    worker.unref();
  }

  /** Starts the thread; resolves with the space of the file's vectors once it is open. Rejects as `SqliteDatabase`. */
  static async open(start: SqliteStart): Promise<{ readonly thread: SqliteThread; readonly space: EmbeddingSpace }> {
    const worker = new Worker(new URL('./sqlite-thread-main.js', import.meta.url), { workerData: start, execArgv: [] });
    const opened = await new Promise<SqliteReply>((resolve, reject) => {
      worker.once('message', resolve);
      worker.once('error', reject);
    });
    if (opened.type === 'opened') return { thread: new SqliteThread(start.file, worker), space: opened.space };
    await worker.terminate();
    throw opened.type === 'refused'
      ? IsovecError.fromJSON(opened.error)
      : new IsovecError('INTERNAL', 'The thread of a store answered before it was asked.');
  }

  /** Calls a method there. CLOSED after {@link close}; STORE_UNAVAILABLE if the thread is gone. */
  call<T>(method: SqliteMethod, ...args: readonly unknown[]): Promise<T> {
    return this.#closing === undefined ? this.#send(method, args) : Promise.reject(storeClosed());
  }

  /** Closes the file after the calls before. Idempotent. */
  close(): Promise<void> {
    this.#closing ??= this.#end();
    return this.#closing;
  }

  async #end(): Promise<void> {
    if (this.#lost !== undefined) return;
    const exit = new Promise<void>((resolve) => {
      this.#worker.once('exit', () => {
        resolve();
      });
    });
    await this.#send('close', []);
    await exit;
  }

  #send<T>(method: SqliteMethod, args: readonly unknown[]): Promise<T> {
    if (this.#lost !== undefined) return Promise.reject(this.#lost);
    const id = ++this.#lastId;
    return new Promise<T>((resolve, reject) => {
      this.#waiting.set(id, { resolve, reject });
      this.#worker.ref();
      const request: SqliteRequest = { id, method, args };
      this.#worker.postMessage(request);
    });
  }

  #onReply(reply: SqliteReply): void {
    if (reply.type !== 'done' && reply.type !== 'failed') return;
    const waiting = this.#waiting.get(reply.id);
    this.#waiting.delete(reply.id);
    // A process must not end while the file is being closed.
    if (this.#waiting.size === 0 && this.#closing === undefined) this.#worker.unref();
    if (reply.type === 'done') waiting?.resolve(reply.value as never);
    else waiting?.reject(IsovecError.fromJSON(reply.error));
  }

  #onEnd(reason: string): void {
    this.#lost ??= new IsovecError(
      'STORE_UNAVAILABLE',
      `The thread of ${this.#file} is gone: ${reason}. Open it again.`,
    );
    for (const { reject } of this.#waiting.values()) reject(this.#lost);
    this.#waiting.clear();
  }
}
