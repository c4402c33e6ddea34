// A session thread that speaks the protocol of src/runtime/sessions/messages.ts and behaves as its script says.
import { workerData } from 'node:worker_threads';

const { port, script, counters } = workerData;
const [STARTS, BATCHES] = [0, 1];

const start = Atomics.add(counters, STARTS, 1) + 1;
if (script.dieOnStart?.includes(start)) process.exit(3);
if (script.unable !== undefined) {
  port.postMessage({ type: 'unable', error: { code: script.unable, message: 'the script says so' } });
  port.close();
} else {
  let running = Promise.resolve();
  port.on('message', (request) => {
    if (request.type === 'close') {
      void running.then(() => port.close());
      return;
    }
    const batch = Atomics.add(counters, BATCHES, 1) + 1;
    if (script.crashOn?.includes(batch)) process.exit(4);
    if (script.throwOn?.includes(batch)) throw new Error('a defect in the worker');
    const reply = () => {
      if (script.failOn?.includes(batch)) {
        port.postMessage({ type: 'failed', id: request.id, error: { code: 'INTERNAL', message: 'the run failed' } });
      } else {
        port.postMessage({ type: 'done', id: request.id, data: Float32Array.from(request.work.ids), milliseconds: 1 });
      }
    };
    running = new Promise((resolve) => setTimeout(resolve, script.delay ?? 0)).then(reply);
  });
  const times = { engineMilliseconds: 3, loadMilliseconds: 5, warmUpMilliseconds: 7 };
  if (!(start >= script.hangFrom)) port.postMessage({ type: 'ready', ...times });
}
