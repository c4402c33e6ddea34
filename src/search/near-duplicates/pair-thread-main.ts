import { parentPort, workerData } from 'node:worker_threads';
import { BLOCK_ROWS, PairComparison } from './compare-pairs.js';
import { DisjointSets } from './disjoint-sets.js';
import { NEXT_BLOCK, type PairReply, type PairWork, STOP } from './pair-messages.js';
import { SharedVectors } from './shared-vectors.js';

/** The thread ends by itself when no block is left, or when it is told to stop. */
const { vectors: parts, threshold, chosen, control } = workerData as PairWork;
const state = new Int32Array(control);
const vectors = new SharedVectors(parts);
const sets = new DisjointSets(vectors.count);
const comparison = await PairComparison.create(vectors, threshold, chosen, sets);
const isStopped = (): boolean => Atomics.load(state, STOP) !== 0;
const blocks = Math.ceil(vectors.count / BLOCK_ROWS);
while (!isStopped()) {
  // The longest come first, so that threads end at about the same time.
  const block = Atomics.add(state, NEXT_BLOCK, 1);
  if (block >= blocks) break;
  comparison.compareBlock(block, isStopped);
  reply({ type: 'compared', block });
}
reply({ type: 'joined', parents: sets.parents });

function reply(message: PairReply): void {
  parentPort?.postMessage(message);
}
