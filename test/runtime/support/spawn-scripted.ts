import { MessageChannel, receiveMessageOnPort, Worker } from 'node:worker_threads';

import type { SessionPlan, WorkerReply } from '#src/runtime/sessions/messages.js';
import type { SessionThreadSpawner } from '#src/runtime/sessions/session-thread.js';

/** What a scripted thread does; numbers count from 1 over all threads of a spawner. */
export interface ThreadScript {
  readonly dieOnStart?: readonly number[];
  /** Threads from this number on never become ready. */
  readonly hangFrom?: number;
  readonly unable?: string;
  readonly crashOn?: readonly number[];
  readonly throwOn?: readonly number[];
  readonly failOn?: readonly number[];
  readonly delay?: number;
}

/** Starts threads of a script file beside this one, and counts those that live. */
export class ScriptedThreads {
  readonly counters: Int32Array = new Int32Array(new SharedArrayBuffer(8));
  readonly #file: string;
  readonly #script: ThreadScript;
  alive = 0;

  constructor(script: ThreadScript, file: 'scripted-worker.mjs' | 'mortal-worker.mjs' = 'scripted-worker.mjs') {
    this.#script = script;
    this.#file = file;
  }

  /** Threads that were started. */
  get starts(): number {
    return Atomics.load(this.counters, 0);
  }

  /** Batches that threads were given. */
  get batches(): number {
    return Atomics.load(this.counters, 1);
  }

  /** Starts threads of a plan; scripted ones look at none. */
  readonly spawnFor =
    (plan?: SessionPlan): SessionThreadSpawner =>
    (listener) => {
      const { port1, port2 } = new MessageChannel();
      const worker = new Worker(new URL(`./${this.#file}`, import.meta.url), {
        workerData: { plan, port: port2, script: this.#script, counters: this.counters },
        transferList: [port2],
      });
      this.alive++;
      let reason = 'the thread ended';
      worker.on('error', (error) => {
        reason = error.message;
      });
      worker.on('exit', () => {
        this.alive--;
        for (let last = receiveMessageOnPort(port1); last !== undefined; last = receiveMessageOnPort(port1)) {
          listener.onReply(last.message as WorkerReply);
        }
        listener.onExit(reason);
      });
      port1.on('message', (reply: WorkerReply) => {
        listener.onReply(reply);
      });
      return {
        send: (request) => {
          port1.postMessage(request);
        },
        hold: () => undefined,
      };
    };
}
