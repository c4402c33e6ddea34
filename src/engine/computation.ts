import type { EmbeddingSpace } from '../models/embedding-space.js';
import type { ModelRecord } from '../models/model-record.js';
import type { Tokenizer } from '../runtime/tokenizer.js';
import type { WorkerPool } from '../runtime/worker-pool.js';
import type { Logger } from '../shared/log.js';
import type { ModelInfo } from './embedder.js';

/** How a {@link Computation} starts. */
export interface StartOptions {
  /** Lengths in tokens that each session runs before it is ready. */
  readonly warmUpLengths: readonly number[];
  readonly logger: Logger;
  readonly signal: AbortSignal | undefined;
  /** Called whenever a session has become free. */
  readonly onIdle: () => void;
}

/** What is known of a computation that has started. */
export type ComputationInfo = Pick<
  ModelInfo,
  'provider' | 'device' | 'executionProviders' | 'conversion' | 'quantization' | 'quantizationReport'
>;

/** A model whose first session is ready. */
export interface StartedComputation {
  readonly record: ModelRecord;
  readonly space: EmbeddingSpace;
  /** Hidden size of the transformer. */
  readonly hiddenSize: number;
  readonly tokenizer: Tokenizer;
  readonly pool: WorkerPool;
  readonly info: ComputationInfo;
  /** What each took; they may have run side by side. */
  readonly milliseconds: { readonly sessions: number; readonly tokenizer: number };
}

/** A way to run a model: how sessions of it are started. */
export interface Computation {
  /** Folder in the cache that was made for it; undefined where none was. */
  readonly preparedFolder: string | undefined;
  /** The interpreter that runs it; undefined in process. */
  readonly python: string | undefined;
  /** Sessions that run side by side. */
  readonly sessions: number;
  /** Threads that share the work of a lone text; 1 where that gains nothing. */
  readonly loneTextThreads: number;
  /** Requests that go the whole way before the model counts as loaded; more would bring nothing. */
  readonly rehearsals: number;
  /** Most tokens in one batch. */
  readonly tokenBudget: number;
  /** Starts the sessions, and what makes tokens; nothing stays if it fails. */
  start(options: StartOptions): Promise<StartedComputation>;
  /** Starts the one session for lone texts, which has {@link loneTextThreads}. */
  startWide(options: StartOptions): Promise<WorkerPool>;
}
