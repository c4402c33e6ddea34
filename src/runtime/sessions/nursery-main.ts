import { parentPort, Worker, workerData } from 'node:worker_threads';
import { errorMessage } from '../../shared/isovec-error.js';
import { FLUSH_TO_ZERO_MODEL } from './flush-to-zero-model.js';
import { loadEngine } from './load-engine.js';
import type { NurseryReply, NurseryRequest, NurseryStart } from './messages.js';
import { serveSession } from './serve-session.js';

// The entry of the nursery thread, which is the parent of every worker thread. ONNX Runtime sets flush-to-zero once
// per process, on the thread that creates the first session with that option; threads inherit it from their parent.
// Set here, it reaches every worker and leaves the caller's own thread and its arithmetic alone.
//
// The nursery also runs one session itself: it has loaded the engine already, and another thread's start would come
// before the first vector. While that session is busy, new threads wait for the end of its batch.

let engineMilliseconds = 0;

async function flushDenormalsToZero(): Promise<void> {
  const engine = loadEngine();
  engineMilliseconds = performance.timeOrigin + performance.now() - (workerData as NurseryStart).startedAt;
  const session = await engine.InferenceSession.create(FLUSH_TO_ZERO_MODEL, {
    intraOpNumThreads: 1,
    extra: { session: { set_denormal_as_zero: '1' } },
  });
  await session.release();
}

function reply(message: NurseryReply): void {
  parentPort?.postMessage(message);
}

function host({ id, start }: NurseryRequest): void {
  void serveSession(start, engineMilliseconds)
    .then(() => 'the session ended', errorMessage)
    .then((reason) => {
      reply({ type: 'ended', id, reason });
    });
}

function spawn({ id, start }: NurseryRequest): void {
  const worker = new Worker(new URL('./worker-main.js', import.meta.url), {
    workerData: start,
    // Arguments of the main thread such as --input-type are not for a file of ours.
    execArgv: [],
    transferList: [start.port],
  });
  let reason = 'the thread ended';
  worker.on('error', (error) => {
    reason = errorMessage(error);
  });
  worker.on('exit', (code) => {
    reply({ type: 'ended', id, reason: `${reason} (exit code ${code})` });
  });
}

// If the engine cannot be loaded here, each session finds the same and says so with its own error.
const prepared = flushDenormalsToZero().catch(() => undefined);

parentPort?.on('message', (request: NurseryRequest) => {
  void prepared.then(() => {
    if (request.host) host(request);
    else spawn(request);
  });
});

await prepared;
reply({ type: 'prepared' });
