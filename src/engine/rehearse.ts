import { Dispatcher } from '../runtime/dispatcher.js';
import type { SchedulerOptions } from '../runtime/scheduler.js';
import { SessionLanes } from '../runtime/session-lanes.js';
import type { WorkerPool } from '../runtime/worker-pool.js';
import { isIsovecError } from '../shared/isovec-error.js';
import type { Logger } from '../shared/log.js';
import { Embedder, type EmbedderParts } from './embedder.js';

/** What {@link rehearse} makes requests with. */
export interface RehearsalOptions {
  readonly parts: Omit<EmbedderParts, 'dispatcher' | 'lanes' | 'use'>;
  readonly pool: WorkerPool;
  readonly scheduling: SchedulerOptions;
  readonly logger: Logger;
  /** How many. */
  readonly requests: number;
  readonly signal: AbortSignal | undefined;
  /** Receives the dispatcher that is to be told when a worker is free. */
  readonly onDispatcher: (dispatcher: Dispatcher) => void;
}

const TEXT = 'a text to warm up with';

/**
 * Makes requests that go the whole way through tokenizer, scheduler, thread and back, so that a caller's first one finds
 * everything loaded, and code that has run before. An embedder, dispatcher and lanes of its own keep them out of the
 * model's counters and of what its lanes know about lone texts. Rejects as `Embedder.encode`.
 */
export async function rehearse(options: RehearsalOptions): Promise<void> {
  const { parts, pool, scheduling, logger, requests, signal, onDispatcher } = options;
  const limits = { maxPendingTexts: 1, maxPendingTokens: Number.MAX_SAFE_INTEGER };
  const dispatcher = new Dispatcher(parts.tokenizer, { ...scheduling, ...limits });
  const lanes = new SessionLanes({
    narrow: pool,
    // With a width of one thread no wide session is ever started.
    startWide: () => Promise.resolve(pool),
    logger,
    threads: 1,
    width: 1,
    calmMilliseconds: 0,
    wideAfter: Infinity,
  });
  onDispatcher(dispatcher);
  dispatcher.attach(lanes);
  // It is not closed, which would close the workers.
  const nothing = (): Promise<void> => Promise.resolve();
  const embedder = new Embedder({ ...parts, dispatcher, lanes, use: { recorded: nothing, close: nothing } });
  try {
    for (let request = 0; request < requests; request++) {
      await embedder.encode(TEXT, signal === undefined ? {} : { signal });
    }
  } catch (error) {
    // A vocabulary that is larger than the model's may hold no tokens for this text that the model knows.
    if (!isIsovecError(error, 'INPUT_INVALID')) throw error;
  }
}
