import { workerData } from 'node:worker_threads';
import type { WorkerStart } from './messages.js';
import { serveSession } from './serve-session.js';

// The entry of a worker thread: one session until it is closed, and then the thread ends.
await serveSession(workerData as WorkerStart, 0);
