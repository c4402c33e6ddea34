// The real worker thread, which ends without a word when it is given the batches that its script names.
import { workerData } from 'node:worker_threads';

const { port, script, counters } = workerData;
port.on('message', (request) => {
  if (request.type === 'run' && script.crashOn?.includes(Atomics.add(counters, 1, 1) + 1)) process.exit(9);
});
await import('../../../dist/runtime/sessions/worker-main.js');
