import { parentPort, workerData } from 'node:worker_threads';
import { toIsovecError } from '../../../shared/isovec-error.js';
import { SqliteDatabase } from './sqlite-database.js';
import type { SqliteReply, SqliteRequest, SqliteStart } from './sqlite-messages.js';

// The entry of a file's thread: SQLite's calls block, and wait for other processes. Calls are made one after another.

const { file, space } = workerData as SqliteStart;
const reply = (message: SqliteReply): void => {
  parentPort?.postMessage(message);
};

function serve(database: SqliteDatabase): void {
  parentPort?.on('message', ({ id, method, args }: SqliteRequest) => {
    try {
      const call = database[method].bind(database) as (...given: readonly unknown[]) => unknown;
      reply({ type: 'done', id, value: call(...args) });
    } catch (error) {
      reply({ type: 'failed', id, error: toIsovecError(error).toJSON() });
    }
    if (method === 'close') parentPort?.close();
  });
}

try {
  const database = new SqliteDatabase(file, space);
  serve(database);
  reply({ type: 'opened', space: database.space });
} catch (error) {
  reply({ type: 'refused', error: toIsovecError(error).toJSON() });
}
