// A process that uses a SQLite file until that fails, and prints a line of JSON for each step and for the error at the end:
// node use-store.mjs write|read FILE. A writer makes a memory a step and says its id; a reader says how many memories it listed, and
// which is the most similar one to a vector of ones.
import { setTimeout as delay } from 'node:timers/promises';
import { openSqliteStore } from '../../../dist/memory/stores/sqlite/sqlite-store.js';

const [role, file] = process.argv.slice(2);
/** Between two steps: agents do not write all the time. */
const PAUSE = 40;
const store = await openSqliteStore({ file });
const { dimensions } = store.space;
const vector = new Float32Array(dimensions).fill(1);

async function write(number) {
  const id = `written-${number}`;
  const at = 1_700_000_000_000 + number;
  const record = {
    id,
    content: `${id} beside the change`,
    level: 2,
    kind: 'episodic',
    dimensions: {},
    importance: 0.5,
    strength: 0.5,
    accessCount: 0,
    tags: ['written'],
    createdAt: at,
    modifiedAt: at,
    metadata: {},
  };
  const beside = vector.map((_, place) => Number(place === number % dimensions));
  await store.apply({ put: [{ record, vector: beside }] });
  return { id };
}

async function read() {
  const listed = await store.list({ limit: 100_000 });
  const [nearest] = await store.search(vector, { limit: 1 });
  return { count: listed.length, nearest: nearest?.record.id };
}

for (let number = 0; ; number++) {
  try {
    process.stdout.write(`${JSON.stringify(await (role === 'write' ? write(number) : read()))}\n`);
  } catch ({ code, message }) {
    process.stdout.write(`${JSON.stringify({ code, message })}\n`);
    break;
  }
  await delay(PAUSE);
}
await store.close();
