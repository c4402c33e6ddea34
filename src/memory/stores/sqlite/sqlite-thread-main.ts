import { parentPort, workerData } from 'node:worker_threads';
import { toIsovecError } from '../../../shared/isovec-error.js';
import { OutboxDatabase } from './outbox-database.js';
import { SpaceChange } from './space-change.js';
import { SqliteDatabase } from './sqlite-database.js';
import type { SqliteMethod, SqliteReply, SqliteRequest, SqliteStart } from './sqlite-messages.js';

// The entry of a file's thread: SQLite's calls block, and wait for other processes. Calls are made one after another.

type Methods = Readonly<Record<SqliteMethod, (...args: readonly unknown[]) => unknown>>;

const { file, space, role } = workerData as SqliteStart;
const reply = (message: SqliteReply): void => {
  parentPort?.postMessage(message);
};

type Served = SqliteDatabase | SpaceChange | OutboxDatabase;

function open(): Served {
  if (role === 'store' || space === undefined) return new SqliteDatabase(file, space);
  return role === 'change' ? new SpaceChange(file, space) : new OutboxDatabase(file, space);
}

function serve(served: Served): void {
  const methods = served as unknown as Methods;
  parentPort?.on('message', ({ id, method, args }: SqliteRequest) => {
    try {
      reply({ type: 'done', id, value: methods[method](...args) });
    } catch (error) {
      reply({ type: 'failed', id, error: toIsovecError(error).toJSON() });
    }
    if (method === 'close') parentPort?.close();
  });
}

try {
  const served = open();
  serve(served);
  reply({ type: 'opened', space: served.space });
} catch (error) {
  reply({ type: 'refused', error: toIsovecError(error).toJSON() });
}
