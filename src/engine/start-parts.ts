import { spawnSessionThread } from '../runtime/sessions/nursery.js';
import { TextTokenizer } from '../runtime/tokenizer.js';
import { WorkerPool } from '../runtime/worker-pool.js';
import { isIsovecError } from '../shared/isovec-error.js';
import type { Logger } from '../shared/log.js';
import { discardPrepared, type PreparedModel } from './prepare-model.js';

/** How {@link startPool} starts workers. */
export interface StartOptions {
  /** Number of workers. */
  readonly workers: number;
  /** Threads of each worker's session. */
  readonly sessionThreads: number;
  /** Lengths in tokens that each worker runs before it is ready. */
  readonly warmUpLengths: readonly number[];
  readonly logger: Logger;
  readonly signal: AbortSignal | undefined;
  /** Called whenever a worker has become free. */
  readonly onIdle: () => void;
}

/** The parts of a model that take long to start. */
export interface StartedParts {
  readonly pool: WorkerPool;
  readonly tokenizer: TextTokenizer;
  /** What each took; they run side by side. */
  readonly milliseconds: { readonly sessions: number; readonly tokenizer: number };
}

/**
 * Starts the workers and builds the tokenizer at the same time: the session is loaded on its own thread. Rejects with
 * the tokenizer's error, else with the pool's; a pool without a tokenizer is closed.
 */
export async function startParts(prepared: PreparedModel, options: StartOptions): Promise<StartedParts> {
  const [pool, tokenizer] = await Promise.allSettled([
    timed(() => startPool(prepared, options)),
    timed(() => TextTokenizer.load(prepared.tokenizer, prepared.record.maxSequenceLength)),
  ]);
  if (tokenizer.status === 'rejected') {
    if (pool.status === 'fulfilled') await pool.value.result.close();
    throw tokenizer.reason;
  }
  if (pool.status === 'rejected') throw pool.reason;
  return {
    pool: pool.value.result,
    tokenizer: tokenizer.value.result,
    milliseconds: { sessions: pool.value.milliseconds, tokenizer: tokenizer.value.milliseconds },
  };
}

/** Starts workers on a prepared model; a graph that cannot run is discarded. */
export async function startPool(prepared: PreparedModel, options: StartOptions): Promise<WorkerPool> {
  const { workers, sessionThreads, warmUpLengths, logger, signal, onIdle } = options;
  try {
    return await WorkerPool.start({
      size: workers,
      plan: { bundle: prepared.bundle, threads: sessionThreads, warmUpLengths },
      spawn: spawnSessionThread,
      logger,
      onIdle,
      signal,
    });
  } catch (error) {
    // A graph that cannot run must not be found again.
    if (isIsovecError(error, 'FORMAT_INVALID')) await discardPrepared(prepared);
    throw error;
  }
}

/** Work that is begun here: what it does before its first pause counts as well. */
async function timed<T>(work: () => Promise<T>): Promise<{ readonly result: T; readonly milliseconds: number }> {
  const started = performance.now();
  const result = await work();
  return { result, milliseconds: performance.now() - started };
}
