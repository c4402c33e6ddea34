import type { IsovecError } from '../../shared/isovec-error.js';
import type { WorkerReply, WorkerRequest } from './messages.js';

/** What a pool listens to. */
export interface SessionThreadListener {
  onReply(reply: WorkerReply): void;
  /** The thread has ended, for whatever reason; nothing follows. Its batch fails with the error, if it fails for good; WORKER_LOST by default. */
  onExit(reason: string, error?: IsovecError): void;
}

/** A thread, or a process, with one session. It ends by itself after a `close` request: one inside native code must not be killed. */
export interface SessionThread {
  send(request: WorkerRequest): void;
  /** Whether it keeps the process alive. */
  hold(hold: boolean): void;
}

/** Starts a thread; the pool is told of readiness and end through the listener. */
export type SessionThreadSpawner = (listener: SessionThreadListener) => SessionThread;
