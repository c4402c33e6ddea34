import type { SessionPlan, WorkerReply, WorkerRequest } from './messages.js';

/** What a pool listens to. */
export interface SessionThreadListener {
  onReply(reply: WorkerReply): void;
  /** The thread has ended, for whatever reason; nothing follows. */
  onExit(reason: string): void;
}

/** A thread with one session. It ends by itself after a `close` request: one inside native code must not be killed. */
export interface SessionThread {
  send(request: WorkerRequest): void;
  /** Whether the thread keeps the process alive. */
  hold(hold: boolean): void;
}

/** Starts a thread; the pool is told of readiness and end through the listener. */
export type SessionThreadSpawner = (plan: SessionPlan, listener: SessionThreadListener) => SessionThread;
