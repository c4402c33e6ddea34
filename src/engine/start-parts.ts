import { TextTokenizer } from '../runtime/tokenizer.js';
import type { WorkerPool } from '../runtime/worker-pool.js';
import type { Computation, StartOptions } from './computation.js';

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
export async function startParts(computation: Computation, options: StartOptions): Promise<StartedParts> {
  const [pool, tokenizer] = await Promise.allSettled([
    timed(() => computation.startPool(options)),
    timed(() => TextTokenizer.load(computation.tokenizer, computation.record.maxSequenceLength)),
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

/** Work that is begun here: what it does before its first pause counts as well. */
async function timed<T>(work: () => Promise<T>): Promise<{ readonly result: T; readonly milliseconds: number }> {
  const started = performance.now();
  const result = await work();
  return { result, milliseconds: performance.now() - started };
}
