import type { PoolingMode } from './model-record.js';

/** Names of the native graph's inputs and outputs: the contract between its writer and the sessions that run it. */
export const NATIVE_VALUES = {
  /** int32 [T]: the token ids of B texts of one length S, one after the other; T = B x S. */
  ids: 'ids',
  /** int32 [T]: the row of the position table for each token. */
  positions: 'positions',
  /** int64 [3]: B, S, hidden size. */
  shape: 'shape',
  /** float32 [1, P, S]: weights of the P linear pooling modes, in their order; absent if all modes are 'max'. */
  poolingWeights: 'pooling_weights',
  /** int64 [1]: first position that max pooling sees; only where a prompt is left out of max pooling. */
  poolingStart: 'pooling_start',
  /** float32 [B, dimensions]. */
  embeddings: 'embeddings',
  /** float32 [B, dimensions]: what goes into the last step; only where that normalises. */
  unnormalized: 'unnormalized',
  /** float32 [T, hidden size]. */
  hidden: 'last_hidden_state',
} as const;

/** What a session needs to know to run a native graph; plain values, so that it can be sent to a thread. */
export interface NativeBundle {
  /** Absolute path of the graph. */
  readonly graphPath: string;
  /** Absolute folder that the graph's external data is relative to. */
  readonly dataFolder: string;
  readonly hiddenSize: number;
  /** Length of an embedding as the graph gives it. */
  readonly dimensions: number;
  readonly poolingModes: readonly PoolingMode[];
  /** Whether prompt tokens take part in pooling. */
  readonly includePrompt: boolean;
  /** Whether the last step normalises vectors. */
  readonly normalizes: boolean;
  /** Longest text in tokens. */
  readonly maxSequenceLength: number;
}
