import type { Tokenizer } from '../runtime/tokenizer.js';
import type { WorkerPool } from '../runtime/worker-pool.js';

/** The parts of a model that take long to start. */
export interface StartedParts {
  readonly pool: WorkerPool;
  readonly tokenizer: Tokenizer;
  /** What each took; they run side by side. */
  readonly milliseconds: { readonly sessions: number; readonly tokenizer: number };
}

/**
 * Starts the sessions and builds the tokenizer at the same time: sessions are loaded elsewhere. Rejects with
 * the tokenizer's error, else with the pool's; a pool without a tokenizer is closed.
 */
export async function startParts(
  startPool: () => Promise<WorkerPool>,
  loadTokenizer: () => Promise<Tokenizer>,
): Promise<StartedParts> {
  const [pool, tokenizer] = await Promise.allSettled([timed(startPool), timed(loadTokenizer)]);
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

/** Work that is begun here: what it does before its first pause counts as well. */
async function timed<T>(work: () => Promise<T>): Promise<{ readonly result: T; readonly milliseconds: number }> {
  const started = performance.now();
  const result = await work();
  return { result, milliseconds: performance.now() - started };
}
