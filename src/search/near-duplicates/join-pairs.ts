import { Worker } from 'node:worker_threads';
import { abortError } from '../../shared/abort.js';
import { errorMessage, IsovecError } from '../../shared/isovec-error.js';
import { BLOCK_ROWS } from './compare-pairs.js';
import { DisjointSets } from './disjoint-sets.js';
import { type PairReply, type PairWork, STOP } from './pair-messages.js';
import type { SharedVectors } from './shared-vectors.js';

/** How pairs are compared. */
export interface JoinOptions {
  readonly threshold: number;
  /** Dimensions of a comparison plan. */
  readonly chosen: readonly number[];
  readonly threads: number;
  readonly signal: AbortSignal | undefined;
  /** Told the share of all pairs that was compared. */
  readonly onShare: (share: number) => void;
}

/**
 * Compares all pairs on several threads; vectors of a pair at or above the threshold end up in one set. ABORTED, WORKER_LOST:
 * in either case all threads have ended.
 */
export async function joinPairs(vectors: SharedVectors, options: JoinOptions): Promise<DisjointSets> {
  const { threshold, chosen, signal, onShare } = options;
  const { count } = vectors;
  const blocks = Math.ceil(count / BLOCK_ROWS);
  const sets = new DisjointSets(count);
  const control = new SharedArrayBuffer(2 * Int32Array.BYTES_PER_ELEMENT);
  const work: PairWork = { vectors: vectors.parts, threshold, chosen, control };
  // Threads end by request: one inside native code must not be killed.
  const stop = (): void => {
    Atomics.store(new Int32Array(control), STOP, 1);
  };
  let pairs = 0;
  const onReply = (reply: PairReply): void => {
    if (reply.type === 'compared') {
      pairs += pairsOfBlock(reply.block, count);
      onShare(pairs / pairsOfAll(count));
    } else {
      for (const [member, parent] of reply.parents.entries()) if (member !== parent) sets.join(member, parent);
    }
  };
  signal?.addEventListener('abort', stop, { once: true });
  if (signal?.aborted === true) stop();
  try {
    const threads = Array.from({ length: Math.min(options.threads, blocks) }, () => runThread(work, onReply, stop));
    const ends = await Promise.allSettled(threads);
    if (signal?.aborted === true) throw abortError(signal);
    for (const end of ends) if (end.status === 'rejected') throw end.reason;
    return sets;
  } finally {
    signal?.removeEventListener('abort', stop);
  }
}

/** Runs a thread to its end; if it fails, the others are stopped. WORKER_LOST. */
function runThread(work: PairWork, onReply: (reply: PairReply) => void, stop: () => void): Promise<void> {
  return new Promise((resolve, reject) => {
    const worker = new Worker(new URL('./pair-thread-main.js', import.meta.url), { workerData: work, execArgv: [] });
    let joined = false;
    let reason = 'it ended before its work did';
    let cause: unknown;
    worker.on('message', (reply: PairReply) => {
      joined ||= reply.type === 'joined';
      onReply(reply);
    });
    worker.on('error', (error) => {
      reason = errorMessage(error);
      cause = error;
    });
    worker.on('exit', () => {
      if (joined) {
        resolve();
        return;
      }
      stop();
      reject(
        new IsovecError('WORKER_LOST', `A thread that compares vectors was lost (${reason}). Try again.`, { cause }),
      );
    });
  });
}

function pairsOfBlock(block: number, count: number): number {
  return pairsOfAll(count - block * BLOCK_ROWS) - pairsOfAll(Math.max(0, count - (block + 1) * BLOCK_ROWS));
}

/** A vector counts as compared with itself, so that a single one is some work. */
function pairsOfAll(count: number): number {
  return (count * (count + 1)) / 2;
}
