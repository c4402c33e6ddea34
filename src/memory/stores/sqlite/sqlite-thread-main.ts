import { parentPort, workerData } from 'node:worker_threads';
import { toIsovecError } from '../../../shared/isovec-error.js';
import { SpaceChange } from './space-change.js';
import { SqliteDatabase } from './sqlite-database.js';
import type { SqliteMethod, SqliteReply, SqliteRequest, SqliteStart } from './sqlite-messages.js';

// The entry of a file's thread: SQLite's calls block, and wait for other processes. Calls are made one after another.

type Methods = Readonly<Record<SqliteMethod, (...args: readonly unknown[]) => unknown>>;

const { file, space, isChange } = workerData as SqliteStart;
const reply = (message: SqliteReply): void => {
  parentPort?.postMessage(message);
};

function serve(served: SqliteDatabase | SpaceChange): void {
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
  const isChanged = isChange === true && space !== undefined;
  const served = isChanged ? new SpaceChange(file, space) : new SqliteDatabase(file, space);
  serve(served);
  reply({ type: 'opened', space: served.space });
} catch (error) {
  reply({ type: 'refused', error: toIsovecError(error).toJSON() });
}
