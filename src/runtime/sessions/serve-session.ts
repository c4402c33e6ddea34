import { type MessagePort, receiveMessageOnPort } from 'node:worker_threads';
import { toIsovecError } from '../../shared/isovec-error.js';
import { loadEngine } from './load-engine.js';
import type { SessionBatch, SessionPlan, WorkerReply, WorkerRequest, WorkerStart } from './messages.js';
import { NativeSession } from './native-session.js';

/**
 * Runs one session on the calling thread: loads it, warms it up, and then runs batches one at a time in the order of
 * their arrival. Resolves when the session was closed on request, or could not be loaded; the port is closed then.
 * `engineMilliseconds` is what the thread tells about its own start.
 */
export async function serveSession({ plan, port }: WorkerStart, engineMilliseconds: number): Promise<void> {
  try {
    const session = await start(plan, port, engineMilliseconds);
    if (session === undefined) return;
    await closeRequest(session, port);
    await session.close();
  } finally {
    port.close();
  }
}

/** A session that is loaded and warm; undefined if there is none, and the pool was told or did not want it any more. */
async function start(
  plan: SessionPlan,
  port: MessagePort,
  engineMilliseconds: number,
): Promise<NativeSession | undefined> {
  const started = performance.now();
  let session: NativeSession | undefined;
  try {
    // A pool may be closed while its workers start: each step that takes long is taken only if it still matters.
    loadEngine();
    if (isUnwanted(port)) return undefined;
    session = await NativeSession.load(plan);
    const loaded = performance.now();
    for (const length of plan.warmUpLengths) {
      if (isUnwanted(port)) {
        await session.close();
        return undefined;
      }
      await warmUp(session, Math.min(length, plan.bundle.maxSequenceLength));
    }
    const warm = plan.warmUpLengths.length === 0 ? loaded : performance.now();
    const times = { engineMilliseconds, loadMilliseconds: loaded - started, warmUpMilliseconds: warm - loaded };
    reply(port, { type: 'ready', ...times });
    return session;
  } catch (error) {
    // The thread may live on, so nothing of the session may stay.
    await session?.close();
    reply(port, { type: 'unable', error: toIsovecError(error).toJSON() });
    return undefined;
  }
}

/** Whether the pool has asked to close; it sends nothing else before a worker is ready. */
function isUnwanted(port: MessagePort): boolean {
  return receiveMessageOnPort(port) !== undefined;
}

async function warmUp(session: NativeSession, length: number): Promise<void> {
  await session.run({ ids: new Int32Array(length), batch: 1, length, promptLength: 0, output: 'embeddings' });
}

/** Runs batches until a request to close has come and the batches before it are done. */
function closeRequest(session: NativeSession, port: MessagePort): Promise<void> {
  return new Promise((resolve) => {
    let last: Promise<void> = Promise.resolve();
    port.on('message', (request: WorkerRequest) => {
      if (request.type === 'close') resolve(last);
      else last = last.then(() => run(session, port, request.id, request.work));
    });
  });
}

async function run(session: NativeSession, port: MessagePort, id: number, work: SessionBatch): Promise<void> {
  const started = performance.now();
  try {
    const data = await session.run(work);
    const own = data.buffer instanceof ArrayBuffer && data.byteLength === data.buffer.byteLength ? data : data.slice();
    reply(port, { type: 'done', id, data: own, milliseconds: performance.now() - started }, [
      own.buffer as ArrayBuffer,
    ]);
  } catch (error) {
    reply(port, { type: 'failed', id, error: toIsovecError(error).toJSON() });
  }
}

function reply(port: MessagePort, message: WorkerReply, transfer: ArrayBuffer[] = []): void {
  port.postMessage(message, transfer);
}
