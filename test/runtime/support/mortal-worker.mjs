// The real worker thread, which ends without a word when it is given the batches that its script names.
import { workerData } from 'node:worker_threads';

const { port, script, counters } = workerData;
if (script.dieOnStart?.includes(Atomics.add(counters, 0, 1) + 1)) process.exit(8);

// Only the real listener may start the port: one of our own would take messages that come before it is there.
const listen = port.on.bind(port);
port.on = (event, listener) =>
  listen(event, (message) => {
    const dies = message?.type === 'run' && script.crashOn?.includes(Atomics.add(counters, 1, 1) + 1);
    if (dies === true) process.exit(9);
    listener(message);
  });
await import('../../../dist/runtime/sessions/worker-main.js');
