import type { MessagePort } from 'node:worker_threads';
import type { NativeBundle } from '../../models/native-bundle.js';
import type { SerializedError } from '../../shared/isovec-error.js';
import type { ExecutionProvider } from './execution-provider.js';

/** Which rows a batch gives: one embedding per text, the same before its normalisation, or one hidden state per token. */
export type SessionOutput = 'embeddings' | 'unnormalized' | 'hidden';

/** How a session is set up. */
export interface SessionPlan {
  readonly bundle: NativeBundle;
  /** Threads that share the work of one batch. */
  readonly threads: number;
  /** Where it computes, in order of preference; the processor by default. */
  readonly executionProviders?: readonly ExecutionProvider[];
  /** Lengths in tokens that are run once before a worker is ready; empty for none. */
  readonly warmUpLengths: readonly number[];
}

/** Texts of one exact length. */
export interface SessionBatch {
  /** [batch x length] token ids. */
  readonly ids: Int32Array;
  readonly batch: number;
  readonly length: number;
  /** Leading tokens that pooling leaves out. */
  readonly promptLength: number;
  readonly output: SessionOutput;
}

/** From the pool to a worker. */
export type WorkerRequest =
  { readonly type: 'run'; readonly id: number; readonly work: SessionBatch } | { readonly type: 'close' };

/** From a worker to the pool. */
export type WorkerReply =
  | {
      readonly type: 'ready';
      /** From the start of the thread until it had loaded the engine; 0 on a thread that does not tell. */
      readonly engineMilliseconds: number;
      readonly loadMilliseconds: number;
      readonly warmUpMilliseconds: number;
    }
  | { readonly type: 'unable'; readonly error: SerializedError }
  | { readonly type: 'done'; readonly id: number; readonly data: Float32Array; readonly milliseconds: number }
  | { readonly type: 'failed'; readonly id: number; readonly error: SerializedError };

/** What the nursery starts with. */
export interface NurseryStart {
  /** When its thread was started, in milliseconds since 1970: threads need not count from one moment. */
  readonly startedAt: number;
}

/** What a session's thread starts with. */
export interface WorkerStart {
  readonly plan: SessionPlan;
  readonly port: MessagePort;
}

/** From the main thread to the nursery: start a session. */
export interface NurseryRequest {
  readonly id: number;
  readonly start: WorkerStart;
  /** Whether the session runs on the nursery's own thread rather than on a new one. */
  readonly host: boolean;
}

/** From the nursery to the main thread: it can start sessions, or one of its sessions and the thread of it have ended. */
export type NurseryReply =
  { readonly type: 'prepared' } | { readonly type: 'ended'; readonly id: number; readonly reason: string };
