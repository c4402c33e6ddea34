import { workerData } from 'node:worker_threads';
import { toIsovecError } from '../../shared/isovec-error.js';
import type { SessionBatch, SessionPlan, WorkerReply, WorkerRequest, WorkerStart } from './messages.js';
import { NativeSession } from './native-session.js';

// The entry of a worker thread: one session, one batch at a time, in the order of arrival.
const { plan, port } = workerData as WorkerStart;

function reply(message: WorkerReply, transfer: ArrayBuffer[] = []): void {
  port.postMessage(message, transfer);
}

async function run(session: NativeSession, id: number, work: SessionBatch): Promise<void> {
  const started = performance.now();
  try {
    const data = await session.run(work);
    const own = data.buffer instanceof ArrayBuffer && data.byteLength === data.buffer.byteLength ? data : data.slice();
    reply({ type: 'done', id, data: own, milliseconds: performance.now() - started }, [own.buffer as ArrayBuffer]);
  } catch (error) {
    reply({ type: 'failed', id, error: toIsovecError(error).toJSON() });
  }
}

async function warmUp(session: NativeSession, { bundle, warmUpLengths }: SessionPlan): Promise<number> {
  const started = performance.now();
  for (const wanted of warmUpLengths) {
    const length = Math.min(wanted, bundle.maxSequenceLength);
    await session.run({ ids: new Int32Array(length), batch: 1, length, promptLength: 0, output: 'embeddings' });
  }
  return performance.now() - started;
}

async function main(): Promise<void> {
  const started = performance.now();
  const session = await NativeSession.load(plan.bundle);
  const loadMilliseconds = performance.now() - started;
  const warmUpMilliseconds = await warmUp(session, plan);
  let last: Promise<void> = Promise.resolve();
  port.on('message', (request: WorkerRequest) => {
    if (request.type === 'run') last = last.then(() => run(session, request.id, request.work));
    else
      last = last
        .then(() => session.close())
        .finally(() => {
          port.close();
        });
  });
  reply({ type: 'ready', loadMilliseconds, warmUpMilliseconds });
}

main().catch((error: unknown) => {
  reply({ type: 'unable', error: toIsovecError(error).toJSON() });
  port.close();
});
