import { MessageChannel, receiveMessageOnPort, Worker } from 'node:worker_threads';
import { errorMessage } from '../../shared/isovec-error.js';
import type { NurseryReply, NurseryRequest, NurseryStart, SessionPlan, WorkerReply } from './messages.js';
import type { SessionThread, SessionThreadListener, SessionThreadSpawner } from './session-thread.js';

/** The nursery thread of this process and the exit listeners of its sessions. */
interface Nursery {
  readonly worker: Worker;
  readonly exits: Map<number, (reason: string) => void>;
  /** Sessions that keep the process alive. */
  readonly held: Set<number>;
  /** Whether it is still loading the engine: a process must not end while one of its threads is in native code. */
  preparing: boolean;
  /** The session that runs on the nursery's own thread. */
  hosted: number | undefined;
}

// One per process, because flush-to-zero can be set up only once per process; see nursery-main.ts.
let current: Nursery | undefined;
let lastId = 0;

/**
 * Starts the process's nursery thread, unless it is there. It loads the engine, which takes longer than all else
 * before the first vector: whoever knows that a model will be loaded calls this first.
 */
export function startNursery(): void {
  current ??= createNursery();
}

/** Starts threads of a session: the nursery itself if it runs no session yet, else a child of it. */
export function sessionThreads(plan: SessionPlan): SessionThreadSpawner {
  return (listener) => spawnSessionThread(plan, listener);
}

function spawnSessionThread(plan: SessionPlan, listener: SessionThreadListener): SessionThread {
  const nursery = (current ??= createNursery());
  const id = ++lastId;
  const { port1, port2 } = new MessageChannel();
  const host = nursery.hosted === undefined;
  if (host) nursery.hosted = id;
  const hold = (held: boolean): void => {
    if (held) nursery.held.add(id);
    else nursery.held.delete(id);
    updateHold(nursery);
  };
  nursery.exits.set(id, (reason) => {
    nursery.exits.delete(id);
    if (host) nursery.hosted = undefined;
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
  const request: NurseryRequest = { id, start: { plan, port: port2 }, host };
  nursery.worker.postMessage(request, [port2]);
  return {
    send: (work) => {
      port1.postMessage(work);
    },
    hold,
  };
}

function createNursery(): Nursery {
  const workerData: NurseryStart = { startedAt: performance.timeOrigin + performance.now() };
  const worker = new Worker(new URL('./nursery-main.js', import.meta.url), { execArgv: [], workerData });
  const nursery: Nursery = { worker, exits: new Map(), held: new Set(), preparing: true, hosted: undefined };
  const lost = (reason: string): void => {
    if (current === nursery) current = undefined;
    nursery.preparing = false;
    for (const exit of [...nursery.exits.values()]) exit(reason);
  };
  worker.on('message', (reply: NurseryReply) => {
    if (reply.type === 'ended') {
      nursery.exits.get(reply.id)?.(reply.reason);
    } else {
      nursery.preparing = false;
      updateHold(nursery);
    }
  });
  worker.on('error', (error) => {
    lost(`the nursery thread failed: ${errorMessage(error)}`);
  });
  worker.on('exit', () => {
    lost('the nursery thread ended');
  });
  // Last, because adding a listener for messages holds the process again.
  updateHold(nursery);
  return nursery;
}

function updateHold({ worker, held, preparing }: Nursery): void {
  if (preparing || held.size > 0) worker.ref();
  else worker.unref();
}
