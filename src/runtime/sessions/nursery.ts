import { MessageChannel, receiveMessageOnPort, Worker } from 'node:worker_threads';
import { errorMessage } from '../../shared/isovec-error.js';
import type { NurseryReply, NurseryRequest, WorkerReply } from './messages.js';
import type { SessionThreadSpawner } from './session-thread.js';

/** The nursery thread of this process and the exit listeners of its children. */
interface Nursery {
  readonly worker: Worker;
  readonly exits: Map<number, (reason: string) => void>;
  /** Threads that keep the process alive. */
  readonly held: Set<number>;
}

// One per process, because flush-to-zero can be set up only once per process; see nursery-main.ts.
let current: Nursery | undefined;
let lastId = 0;

/** Starts a session thread as a child of the process's nursery thread, which is started when it is first needed. */
export const spawnSessionThread: SessionThreadSpawner = (plan, listener) => {
  const nursery = (current ??= startNursery());
  const id = ++lastId;
  const { port1, port2 } = new MessageChannel();
  const hold = (held: boolean): void => {
    if (held) nursery.held.add(id);
    else nursery.held.delete(id);
    if (nursery.held.size > 0) nursery.worker.ref();
    else nursery.worker.unref();
  };
  nursery.exits.set(id, (reason) => {
    nursery.exits.delete(id);
    hold(false);
    // News of the end comes by another way than the thread's last words, and may overtake them.
    for (let last = receiveMessageOnPort(port1); last !== undefined; last = receiveMessageOnPort(port1)) {
      listener.onReply(last.message as WorkerReply);
    }
    port1.close();
    listener.onExit(reason);
  });
  port1.on('message', (reply: WorkerReply) => {
    listener.onReply(reply);
  });
  // The nursery alone decides whether the process lives on: it also brings the news of a thread's end.
  port1.unref();
  hold(true);
  const request: NurseryRequest = { id, start: { plan, port: port2 } };
  nursery.worker.postMessage(request, [port2]);
  return {
    send: (work) => {
      port1.postMessage(work);
    },
    hold,
  };
};

function startNursery(): Nursery {
  const worker = new Worker(new URL('./nursery-main.js', import.meta.url), { execArgv: [] });
  const nursery: Nursery = { worker, exits: new Map(), held: new Set() };
  const lost = (reason: string): void => {
    if (current === nursery) current = undefined;
    for (const exit of [...nursery.exits.values()]) exit(reason);
  };
  worker.on('message', ({ id, reason }: NurseryReply) => nursery.exits.get(id)?.(reason));
  worker.on('error', (error) => {
    lost(`the nursery thread failed: ${errorMessage(error)}`);
  });
  worker.on('exit', () => {
    lost('the nursery thread ended');
  });
  // Last, because adding a listener for messages holds the process again.
  worker.unref();
  return nursery;
}
