import { IsovecError } from '../shared/isovec-error.js';

/** One of the best scores. */
export interface ScoredIndex {
  /** Position in the scores that were searched. */
  readonly index: number;
  readonly score: number;
}

/** The `k` highest of scores that come one after another. Memory k. */
export class BestScores {
  readonly #k: number;
  /** The worst of the kept scores is at the root, so that most candidates are refused by one comparison. */
  readonly #heap: ScoredIndex[] = [];

  /** CONFIG_INVALID unless k is a whole number >= 1. */
  constructor(k: number) {
    if (!Number.isSafeInteger(k) || k < 1) {
      throw new IsovecError('CONFIG_INVALID', `k must be a whole number >= 1, not ${k}.`);
    }
    this.#k = k;
  }

  /** Takes a score, which is not NaN; indices must ascend from call to call. */
  offer(index: number, score: number): void {
    const heap = this.#heap;
    if (heap.length < this.#k) {
      heap.push({ index, score });
      siftUp(heap, heap.length - 1);
    } else if (score > (heap[0]?.score ?? Infinity)) {
      // An equal score has the higher index here, so it never displaces the root.
      heap[0] = { index, score };
      siftDown(heap);
    }
  }

  /** The kept scores, best first, equal ones by index. */
  sorted(): ScoredIndex[] {
    return this.#heap.toSorted((a, b) => (isWorse(a, b) ? 1 : -1));
  }
}

function isWorse(a: ScoredIndex, b: ScoredIndex): boolean {
  return a.score < b.score || (a.score === b.score && a.index > b.index);
}

function siftUp(heap: ScoredIndex[], from: number): void {
  let child = from;
  while (child > 0) {
    const parent = (child - 1) >> 1;
    if (!swapIfWorse(heap, child, parent)) return;
    child = parent;
  }
}

function siftDown(heap: ScoredIndex[]): void {
  let parent = 0;
  for (;;) {
    const left = heap[2 * parent + 1];
    const right = heap[2 * parent + 2];
    if (left === undefined) return;
    const child = right !== undefined && isWorse(right, left) ? 2 * parent + 2 : 2 * parent + 1;
    if (!swapIfWorse(heap, child, parent)) return;
    parent = child;
  }
}

function swapIfWorse(heap: ScoredIndex[], child: number, parent: number): boolean {
  const lower = heap[child];
  const upper = heap[parent];
  if (lower === undefined || upper === undefined || !isWorse(lower, upper)) return false;
  heap[child] = upper;
  heap[parent] = lower;
  return true;
}
