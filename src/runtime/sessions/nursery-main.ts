import { parentPort, Worker } from 'node:worker_threads';
import { errorMessage } from '../../shared/isovec-error.js';
import { FLUSH_TO_ZERO_MODEL } from './flush-to-zero-model.js';
import { loadEngine } from './load-engine.js';
import type { NurseryReply, NurseryRequest } from './messages.js';

// The entry of the nursery thread, which is the parent of every worker thread. ONNX Runtime sets flush-to-zero once
// per process, on the thread that creates the first session with that option; threads inherit it from their parent.
// Set here, it reaches every worker and leaves the caller's own thread and its arithmetic alone.

async function flushDenormalsToZero(): Promise<void> {
  const engine = await loadEngine();
  const session = await engine.InferenceSession.create(FLUSH_TO_ZERO_MODEL, {
    intraOpNumThreads: 1,
    extra: { session: { set_denormal_as_zero: '1' } },
  });
  await session.release();
}

function spawn(request: NurseryRequest): void {
  const { id, start } = request;
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
    const reply: NurseryReply = { id, reason: `${reason} (exit code ${code})` };
    parentPort?.postMessage(reply);
  });
}

// If the engine cannot be loaded here, each worker finds the same and says so with its own error.
const prepared = flushDenormalsToZero().catch(() => undefined);

parentPort?.on('message', (request: NurseryRequest) => {
  void prepared.then(() => {
    spawn(request);
  });
});
