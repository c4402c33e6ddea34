import type { SharedVectorsParts } from './shared-vectors.js';

/** What a thread that compares pairs starts with. */
export interface PairWork {
  readonly vectors: SharedVectorsParts;
  readonly threshold: number;
  readonly chosen: readonly number[];
  /** int32 [2], shared by all threads: the next block to compare, and whether to stop. */
  readonly control: SharedArrayBuffer;
}

/** Places of {@link PairWork.control}. */
export const NEXT_BLOCK = 0;
export const STOP = 1;

/** What a thread tells: a block that it has compared; and at its end, of each vector one of its group. */
export type PairReply =
  { readonly type: 'compared'; readonly block: number } | { readonly type: 'joined'; readonly parents: Int32Array };
