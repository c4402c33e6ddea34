import { abortError } from '../shared/abort.js';
import { IsovecError } from '../shared/isovec-error.js';
import type { Logger } from '../shared/log.js';
import type { SessionBatch, WorkerReply } from './sessions/messages.js';
import type { SessionThread, SessionThreadSpawner } from './sessions/session-thread.js';

/** How often a batch is given to a worker before it fails: once more after the first worker died. */
const MAX_ATTEMPTS = 2;
/** Workers that may die while starting, in a row, before no more are started. */
const MAX_START_FAILURES = 3;
/** The same before work is refused, where they are started for ever: their pauses add up to some ten seconds. */
const MAX_PERSISTENT_FAILURES = 10;

/** What a worker gave for a batch. */
export interface SessionResult {
  /** Rows, flat. */
  readonly data: Float32Array;
  /** Milliseconds of inference on the worker. */
  readonly milliseconds: number;
}

/** Options of {@link WorkerPool.start}. */
export interface WorkerPoolOptions {
  /** Number of worker threads. */
  readonly size: number;
  readonly spawn: SessionThreadSpawner;
  readonly logger: Logger;
  /** Called whenever a worker has become free, and when no worker ever will. */
  readonly onIdle: () => void;
  /**
   * Whether workers are started again for ever, once one has been ready: work is refused while several in a row die as they
   * start. Their spawner must pause between them.
   */
  readonly persistent?: boolean;
  /** Gives up starting. */
  readonly signal?: AbortSignal | undefined;
}

/** The state of a pool, for health and reports. */
export interface WorkerPoolStatus {
  readonly workers: number;
  readonly ready: number;
  readonly busy: number;
  /** Workers of the start that were never ready yet. */
  readonly joining: number;
  /** Workers that died and were replaced since the start. */
  readonly replaced: number;
  /** Slowest load of the engine, load of a session and warm-up of a worker so far, in milliseconds. */
  readonly engineMilliseconds: number;
  readonly loadMilliseconds: number;
  readonly warmUpMilliseconds: number;
}

interface Job {
  readonly id: number;
  readonly work: SessionBatch;
  readonly resolve: (result: SessionResult) => void;
  readonly reject: (error: IsovecError) => void;
  attempts: number;
}

interface PoolWorker {
  readonly thread: SessionThread;
  state: 'starting' | 'idle' | 'busy';
  job: Job | undefined;
}

/**
 * Workers, threads or processes, with one session each. A worker that dies is replaced, and its batch runs once more on another; a
 * second death is WORKER_LOST, or the session's own reason. Nothing here kills a worker to cancel work.
 */
export class WorkerPool {
  readonly #options: WorkerPoolOptions;
  readonly #workers = new Set<PoolWorker>();
  readonly #retries: Job[] = [];
  #lastJob = 0;
  #joining: number;
  #replaced = 0;
  #startFailures = 0;
  #engineMilliseconds = 0;
  #loadMilliseconds = 0;
  #warmUpMilliseconds = 0;
  #broken: IsovecError | undefined;
  /** Why work is refused until a worker is ready again. */
  #down: IsovecError | undefined;
  #closing: Promise<void> | undefined;
  #started: { resolve: () => void; reject: (error: IsovecError) => void } | undefined;
  #ended: (() => void) | undefined;
  /** Called when no worker is missing any more, or none will come. */
  readonly #onComplete: (() => void)[] = [];

  private constructor(options: WorkerPoolOptions) {
    this.#options = options;
    this.#joining = options.size;
  }

  /**
   * Starts a worker and resolves when it is loaded and warm; the others start then, and join as they are ready, so
   * that nothing competes with the first. Rejects with the first worker's error, or ABORTED.
   */
  static async start(options: WorkerPoolOptions): Promise<WorkerPool> {
    const { signal } = options;
    if (signal?.aborted === true) throw abortError(signal);
    const pool = new WorkerPool(options);
    const onAbort = (): void => {
      if (signal !== undefined) pool.#fail(abortError(signal));
    };
    signal?.addEventListener('abort', onAbort, { once: true });
    try {
      await new Promise<void>((resolve, reject) => {
        pool.#started = { resolve, reject };
        pool.#spawn();
      });
    } finally {
      signal?.removeEventListener('abort', onAbort);
    }
    return pool;
  }

  /** Resolves when every worker has been ready once, or when that cannot happen any more. */
  async complete(): Promise<void> {
    if (this.#joining === 0 || this.#broken !== undefined || this.#closing !== undefined) return;
    await new Promise<void>((resolve) => {
      this.#onComplete.push(resolve);
    });
  }

  /** Workers that would start a batch at once; one if there are none for good, so that waiting work is refused. */
  get idle(): number {
    if ((this.#broken ?? this.#down) !== undefined) return 1;
    return Math.max(0, this.#count('idle') - this.#retries.length);
  }

  /** Whether there are workers, or will be: false once none can be started any more. */
  get canServe(): boolean {
    return this.#broken === undefined && this.#closing === undefined;
  }

  /** Workers that run a batch. */
  get busy(): number {
    return this.#count('busy');
  }

  status(): WorkerPoolStatus {
    return {
      workers: this.#options.size,
      ready: this.#workers.size - this.#count('starting'),
      busy: this.busy,
      joining: this.#joining,
      replaced: this.#replaced,
      engineMilliseconds: this.#engineMilliseconds,
      loadMilliseconds: this.#loadMilliseconds,
      warmUpMilliseconds: this.#warmUpMilliseconds,
    };
  }

  /** Runs a batch on an idle worker, or on the next one that is free. WORKER_LOST, CLOSED, or the session's error. */
  run(work: SessionBatch): Promise<SessionResult> {
    return new Promise((resolve, reject) => {
      const job: Job = { id: ++this.#lastJob, work, resolve, reject, attempts: 0 };
      if (this.#closing !== undefined) job.reject(closedError());
      else if (this.#broken !== undefined) job.reject(this.#broken);
      else if (this.#down !== undefined) job.reject(this.#down);
      else this.#assign(job);
    });
  }

  /** Lets running batches finish, frees the sessions and ends the threads. Idempotent. */
  close(): Promise<void> {
    this.#closing ??= this.#shutDown();
    return this.#closing;
  }

  async #shutDown(): Promise<void> {
    this.#tellComplete();
    for (const job of this.#retries.splice(0)) job.reject(closedError());
    if (this.#workers.size === 0) return;
    await new Promise<void>((resolve) => {
      this.#ended = resolve;
      for (const worker of this.#workers) {
        worker.thread.hold(true);
        // A starting worker reads this when it is loaded. Terminating a thread inside native code aborts the process.
        worker.thread.send({ type: 'close' });
      }
    });
  }

  #spawn(): void {
    const thread = this.#options.spawn({
      onReply: (reply) => {
        this.#onReply(worker, reply);
      },
      onExit: (reason, error) => {
        this.#onExit(worker, reason, error);
      },
    });
    const worker: PoolWorker = { thread, state: 'starting', job: undefined };
    this.#workers.add(worker);
  }

  #onReply(worker: PoolWorker, reply: WorkerReply): void {
    switch (reply.type) {
      case 'ready':
        this.#onReady(worker, reply);
        return;
      case 'unable':
        this.#startFailures++;
        this.#fail(IsovecError.fromJSON(reply.error));
        return;
      case 'done':
        this.#release(worker)?.resolve({ data: reply.data, milliseconds: reply.milliseconds });
        break;
      case 'failed':
        this.#release(worker)?.reject(IsovecError.fromJSON(reply.error));
        break;
    }
    this.#serve(worker);
  }

  #onReady(worker: PoolWorker, ready: Extract<WorkerReply, { type: 'ready' }>): void {
    worker.state = 'idle';
    worker.thread.hold(this.#closing !== undefined);
    this.#startFailures = 0;
    this.#down = undefined;
    this.#engineMilliseconds = Math.max(this.#engineMilliseconds, ready.engineMilliseconds);
    this.#loadMilliseconds = Math.max(this.#loadMilliseconds, ready.loadMilliseconds);
    this.#warmUpMilliseconds = Math.max(this.#warmUpMilliseconds, ready.warmUpMilliseconds);
    if (this.#joining > 0 && --this.#joining === 0) this.#tellComplete();
    const started = this.#started;
    this.#started = undefined;
    if (started !== undefined && this.#closing === undefined) {
      while (this.#workers.size < this.#options.size) this.#spawn();
      started.resolve();
    }
    this.#serve(worker);
  }

  #onExit(worker: PoolWorker, reason: string, error?: IsovecError): void {
    const starting = worker.state === 'starting';
    const job = this.#release(worker);
    this.#workers.delete(worker);
    if (this.#closing !== undefined) {
      job?.reject(closedError());
      if (this.#workers.size === 0) this.#ended?.();
      return;
    }
    if (this.#broken !== undefined) {
      job?.reject(this.#broken);
      return;
    }
    const lost = error ?? new IsovecError('WORKER_LOST', `A worker thread was lost: ${reason}.`);
    const stays = this.#options.persistent === true && this.#started === undefined;
    if (starting && ++this.#startFailures >= (stays ? MAX_PERSISTENT_FAILURES : MAX_START_FAILURES)) {
      job?.reject(lost);
      if (stays) {
        this.#refuse(lost);
        this.#spawn();
      } else this.#fail(lost);
      return;
    }
    this.#replaced++;
    this.#options.logger.warn('A worker was lost and is replaced.', { reason });
    this.#spawn();
    if (job === undefined) return;
    if (job.attempts < MAX_ATTEMPTS) this.#assign(job);
    else job.reject(lost);
  }

  #count(state: PoolWorker['state']): number {
    let count = 0;
    for (const worker of this.#workers) if (worker.state === state) count++;
    return count;
  }

  #assign(job: Job): void {
    const worker = [...this.#workers].find(({ state }) => state === 'idle');
    if (worker === undefined) {
      this.#retries.push(job);
      return;
    }
    job.attempts++;
    worker.job = job;
    worker.state = 'busy';
    worker.thread.hold(true);
    worker.thread.send({ type: 'run', id: job.id, work: job.work });
  }

  /** A free worker takes a waiting batch, or tells the owner that it is free. */
  #serve(worker: PoolWorker): void {
    if (this.#closing !== undefined || worker.state !== 'idle') return;
    const waiting = this.#retries.shift();
    if (waiting !== undefined) this.#assign(waiting);
    else this.#options.onIdle();
  }

  #tellComplete(): void {
    for (const resolve of this.#onComplete.splice(0)) resolve();
  }

  #release(worker: PoolWorker): Job | undefined {
    const { job } = worker;
    worker.job = undefined;
    if (worker.state === 'busy') {
      worker.state = 'idle';
      worker.thread.hold(this.#closing !== undefined);
    }
    return job;
  }

  /** Refuses work until a worker is ready. */
  #refuse(error: IsovecError): void {
    this.#down = error;
    for (const job of this.#retries.splice(0)) job.reject(error);
    this.#options.onIdle();
  }

  /** Gives up: every waiting and later batch fails with this error. */
  #fail(error: IsovecError): void {
    if (this.#broken !== undefined) return;
    this.#broken = error;
    for (const job of this.#retries.splice(0)) job.reject(error);
    this.#tellComplete();
    const started = this.#started;
    this.#started = undefined;
    if (started === undefined) {
      this.#options.logger.warn('No worker can be started any more.', { reason: error.message });
      this.#options.onIdle();
      return;
    }
    void this.close();
    started.reject(error);
  }
}

function closedError(): IsovecError {
  return new IsovecError('CLOSED', 'The model was closed.');
}
