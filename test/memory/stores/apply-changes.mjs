// A process that makes changes to a store, one after another, and prints the number of each one that is made:
// node apply-changes.mjs OPTIONS CHANGES. OPTIONS are those that open the store, as JSON; CHANGES is a file of JSON: a list of
// changes, with vectors as lists of numbers.
import { readFileSync } from 'node:fs';
import { openPgvectorStore } from '../../../dist/memory/stores/pgvector/pgvector-store.js';
import { openQdrantStore } from '../../../dist/memory/stores/qdrant/qdrant-store.js';
import { openSqliteStore } from '../../../dist/memory/stores/sqlite/sqlite-store.js';

const [given, changes] = process.argv.slice(2);
const options = JSON.parse(given);
const open = 'url' in options ? openQdrantStore : 'file' in options ? openSqliteStore : openPgvectorStore;
const store = await open(options);
for (const [at, change] of JSON.parse(readFileSync(changes, 'utf8')).entries()) {
  const { put = [], touch, ...rest } = change;
  const stored = put.map(({ record, vector }) => ({ record, vector: Float32Array.from(vector) }));
  await store.apply({ ...rest, put: stored });
  if (touch !== undefined) await store.touch(touch, 1);
  process.stdout.write(`${at}\n`);
}
await store.close();
