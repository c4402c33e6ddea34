import type { EmbeddingSpace } from '../models/embedding-space.js';
import type { ModelRecord } from '../models/model-record.js';
import type { TokenizerDefinition } from '../models/tokenizer-definition/tokenizer-definition.js';
import type { WorkerPool } from '../runtime/worker-pool.js';
import type { Logger } from '../shared/log.js';
import type { ModelInfo } from './embedder.js';

/** How a {@link Computation} starts sessions. */
export interface StartOptions {
  /** Number of sessions. */
  readonly workers: number;
  /** Threads of each session. */
  readonly sessionThreads: number;
  /** Lengths in tokens that each session runs before it is ready. */
  readonly warmUpLengths: readonly number[];
  readonly logger: Logger;
  readonly signal: AbortSignal | undefined;
  /** Called whenever a session has become free. */
  readonly onIdle: () => void;
}

/** What is known of a computation once sessions of it have started. */
export type ComputationInfo = Pick<
  ModelInfo,
  'provider' | 'device' | 'executionProviders' | 'conversion' | 'quantization' | 'quantizationReport'
> & {
  /** Hidden size of the transformer. */
  readonly hiddenSize: number;
};

/** A way to run a model: what is known of its files, and how sessions of it are started. */
export interface Computation {
  readonly record: ModelRecord;
  readonly tokenizer: TokenizerDefinition;
  readonly space: EmbeddingSpace;
  /** Folder in the cache that was made for it; undefined where none was. */
  readonly preparedFolder: string | undefined;
  /** Sessions that run side by side. */
  readonly sessions: number;
  /** Threads of each of them. */
  readonly sessionThreads: number;
  /** Threads that share the work of a lone text; 1 where that gains nothing. */
  readonly loneTextThreads: number;
  /** Most tokens in one batch. */
  readonly tokenBudget: number;
  startPool(options: StartOptions): Promise<WorkerPool>;
  /** To be asked after a pool has started. */
  describe(): ComputationInfo;
}
