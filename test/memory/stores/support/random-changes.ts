import { type ChildProcess, spawn } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import path from 'node:path';

import type { MemoryStore, StoreChange } from '#src/memory/stores/store.js';

import { memoryNumber, vectorNumber } from '../../../contract/store-contract.js';
import { temporaryFolder } from '../../../engine/support/tiny-model.js';
import { seededRandom } from '../../../jobs/killed-run.js';

/** How many changes a process of {@link randomChanges} makes. */
export const CHANGES = 1000;
const PROGRAM = path.join(import.meta.dirname, '../apply-changes.mjs');

/** Changes of chance that each succeed after those before them. */
export function randomChanges(seed: number): StoreChange[] {
  const random = seededRandom(seed);
  const below = (most: number): number => Math.floor(random() * most);
  const there = new Set<number>();
  return Array.from({ length: CHANGES }, (): StoreChange => {
    const numbers = [...there];
    const remove = there.size > 60 || random() < 0.2 ? numbers.filter(() => random() < 0.1) : [];
    for (const number of remove) there.delete(number);
    const put = Array.from({ length: 1 + below(3) }, () => below(400));
    for (const number of put) there.add(number);
    const [from = 0, to = 0] = [put[0], [...there][below(there.size)]];
    return {
      remove: remove.map((number) => memoryNumber(number).record.id),
      put: put.map((number) => ({ record: memoryNumber(number).record, vector: vectorNumber(below(1000)) })),
      connect:
        from === to ? [] : [{ ...ends(from, to), type: 'related', weight: 0.5, bidirectional: true, createdAt: 7 }],
    };
  });
}

function ends(from: number, to: number): { readonly from: string; readonly to: string } {
  return { from: memoryNumber(from).record.id, to: memoryNumber(to).record.id };
}

/** Starts a process that makes changes in a store, told by the options that open it. */
export async function startChanges(options: object, changes: readonly object[]): Promise<ChildProcess> {
  const list = path.join(await temporaryFolder(), 'changes.json');
  await writeFile(
    list,
    JSON.stringify(changes, (_key, value: unknown) => (value instanceof Float32Array ? [...value] : value)),
  );
  return spawn(process.execPath, [PROGRAM, JSON.stringify(options), list], { stdio: ['ignore', 'pipe', 'inherit'] });
}

/** All that a store holds, as a text that can be compared. */
export async function everything(store: MemoryStore): Promise<string> {
  const records = await store.list({ limit: 1000 });
  const ids = records.map(({ id }) => id);
  const vectors = (await store.vectors(ids)).map((vector) => [...(vector ?? [])]);
  const connections = (await store.connections(ids)).map((one) => JSON.stringify(one)).sort();
  return JSON.stringify({ records, vectors, connections });
}
