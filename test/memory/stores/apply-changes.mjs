// A process that makes changes to a store in a SQLite file, one after another, and prints the number of each one that is made:
// node apply-changes.mjs FILE CHANGES. CHANGES is a file of JSON: a list of changes, with vectors as lists of numbers.
import { readFileSync } from 'node:fs';
import { openSqliteStore } from '../../../dist/memory/stores/sqlite/sqlite-store.js';

const [file, changes] = process.argv.slice(2);
const store = await openSqliteStore({ file });
for (const [at, change] of JSON.parse(readFileSync(changes, 'utf8')).entries()) {
  const { put = [], touch, ...rest } = change;
  const stored = put.map(({ record, vector }) => ({ record, vector: Float32Array.from(vector) }));
  await store.apply({ ...rest, put: stored });
  if (touch !== undefined) await store.touch(touch, 1);
  process.stdout.write(`${at}\n`);
}
await store.close();
