import { errorMessage } from '../shared/isovec-error.js';
import type { Logger } from '../shared/log.js';
import { LanePolicy, type LanePolicyOptions, type LaneState } from './lane-policy.js';
import type { SessionBatch } from './sessions/messages.js';
import type { SessionResult, WorkerPool } from './worker-pool.js';

/** Options of {@link SessionLanes}. */
export interface SessionLanesOptions extends LanePolicyOptions {
  /** Sessions of one thread each. */
  readonly narrow: WorkerPool;
  /** Starts a pool of one session of `width` threads, when it is worth it. */
  readonly startWide: () => Promise<WorkerPool>;
  readonly logger: Logger;
}

/**
 * The sessions of a model: narrow ones of one thread each, and, once lone texts are common, a wide one that shares the
 * work of a lone text among threads. {@link LanePolicy} decides; this holds the pools.
 */
export class SessionLanes {
  readonly narrow: WorkerPool;
  readonly #options: SessionLanesOptions;
  readonly #policy: LanePolicy;
  #wide: WorkerPool | undefined;
  /** The start of the wide session; it happens once. */
  #starting: Promise<void> | undefined;
  #closing: Promise<void> | undefined;

  constructor(options: SessionLanesOptions) {
    this.narrow = options.narrow;
    this.#options = options;
    this.#policy = new LanePolicy(options);
  }

  /** Whether the wide session is ready. */
  get hasWide(): boolean {
    return this.#wide !== undefined;
  }

  /** Workers that died and were replaced since the start, of either kind. */
  get replaced(): number {
    return this.narrow.status().replaced + (this.#wide?.status().replaced ?? 0);
  }

  /**
   * Resolves when every session is ready that lone texts and many texts will use, or when it is known that one will not
   * be. The wide session starts without waiting for lone texts.
   */
  async ready(): Promise<void> {
    await this.narrow.complete();
    if (this.#options.width <= 1 || this.#closing !== undefined) return;
    this.#starting ??= this.#start();
    await this.#starting;
  }

  /** Whether a batch may start now. `waiting` counts the texts that would like to. */
  hasRoom(waiting: number): boolean {
    const state = this.#state();
    const room = this.narrow.idle > 0 && this.#policy.hasRoom(state);
    if (!room && waiting > 0) this.#policy.overlap(performance.now());
    return room;
  }

  /** Runs a batch; `waiting` counts the texts that are left in the queue. Rejects as the pool does. */
  run(work: SessionBatch, waiting: number): Promise<SessionResult> {
    const lane = this.#policy.choose(performance.now(), waiting, this.#state());
    if (this.#policy.wantsWide) this.#starting ??= this.#start();
    return lane === 'wide' && this.#wide !== undefined ? this.#wide.run(work) : this.narrow.run(work);
  }

  /** Lets running batches finish, frees the sessions and ends the threads. Idempotent. */
  close(): Promise<void> {
    this.#closing ??= this.#shutDown();
    return this.#closing;
  }

  #state(): LaneState {
    const wide = this.#wide;
    return {
      narrowBusy: this.narrow.busy,
      wideBusy: wide !== undefined && wide.busy > 0,
      wideReady: wide !== undefined && wide.canServe && wide.idle > 0,
    };
  }

  async #start(): Promise<void> {
    try {
      const wide = await this.#options.startWide();
      if (this.#closing === undefined) this.#wide = wide;
      else await wide.close();
    } catch (error) {
      if (this.#closing !== undefined) return;
      this.#options.logger.warn('Lone texts stay on one thread: the session for them cannot be started.', {
        reason: errorMessage(error),
      });
    }
  }

  async #shutDown(): Promise<void> {
    await Promise.all([this.narrow.close(), this.#wide?.close(), this.#starting]);
  }
}
