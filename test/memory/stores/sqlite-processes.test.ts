import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import path from 'node:path';

import { createInMemoryStore } from '#src/memory/stores/in-memory-store.js';
import { openSqliteStore } from '#src/memory/stores/sqlite/sqlite-store.js';
import type { MemoryStore, StoreChange } from '#src/memory/stores/store.js';
import { expect, it } from 'vitest';

import { memoryNumber, STORE_SPACE, vectorNumber } from '../../contract/store-contract.js';
import { temporaryFolder } from '../../engine/support/tiny-model.js';
import { seededRandom } from '../../jobs/killed-run.js';

/** 50 is the heavy form. */
const KILLS = Number(process.env['ISOVEC_KILLS'] ?? 5);
const CHANGES = 1000;
const PROGRAM = path.join(import.meta.dirname, 'apply-changes.mjs');

/** Changes of chance that each succeed after those before them. */
function randomChanges(seed: number): StoreChange[] {
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

/** Starts a process that makes changes; the file that it reads them from lies beside the store. */
async function startProcess(file: string, name: string, changes: readonly object[]): Promise<ChildProcess> {
  const list = path.join(path.dirname(file), `${name}.json`);
  await writeFile(
    list,
    JSON.stringify(changes, (_key, value: unknown) => (value instanceof Float32Array ? [...value] : value)),
  );
  return spawn(process.execPath, [PROGRAM, file, list], { stdio: ['ignore', 'pipe', 'inherit'] });
}

async function everything(store: MemoryStore): Promise<string> {
  const records = await store.list({ limit: 1000 });
  const ids = records.map(({ id }) => id);
  const vectors = (await store.vectors(ids)).map((vector) => [...(vector ?? [])]);
  const connections = (await store.connections(ids)).map((one) => JSON.stringify(one)).sort();
  return JSON.stringify({ records, vectors, connections });
}

it(
  'leave a whole store behind when they are killed: all that was made, and at most the change that was under way',
  async () => {
    const random = seededRandom(Number(process.env['ISOVEC_SEED'] ?? 1));
    for (let kill = 0; kill < KILLS; kill++) {
      const changes = randomChanges(kill + 1);
      const file = path.join(await temporaryFolder(), 'memory.db');
      await (await openSqliteStore({ file, space: STORE_SPACE })).close();
      const child = await startProcess(file, 'changes', changes);
      const victim = 1 + Math.floor(random() * CHANGES * 0.6);
      let made = 0;
      child.stdout?.setEncoding('utf8').on('data', (text: string) => {
        made += text.split('\n').length - 1;
        if (made >= victim) child.kill('SIGKILL');
      });
      await once(child, 'close');
      const store = await openSqliteStore({ file });
      expect(await store.verify()).toEqual([]);
      const reference = createInMemoryStore(STORE_SPACE);
      for (const change of changes.slice(0, made)) await reference.apply(change);
      const expected = [await everything(reference)];
      const [underWay] = changes.slice(made);
      if (underWay !== undefined) {
        await reference.apply(underWay);
        expected.push(await everything(reference));
      }
      expect(expected).toContain(await everything(store));
      await store.close();
    }
  },
  60_000 + KILLS * 10_000,
);

it('on one file lose no update of each other, and never meet a locked file', async () => {
  const file = path.join(await temporaryFolder(), 'memory.db');
  const store = await openSqliteStore({ file, space: STORE_SPACE });
  await store.apply({ put: [memoryNumber(0)] });
  const changesOf = (process: number): object[] =>
    Array.from({ length: 100 }, (_, at) => ({
      put: [memoryNumber(1 + process * 100 + at)],
      touch: [memoryNumber(0).record.id],
    }));
  const children = await Promise.all([0, 1, 2].map((one) => startProcess(file, `changes${one}`, changesOf(one))));
  const codes = await Promise.all(children.map(async (child) => ((await once(child, 'close')) as [number | null])[0]));
  expect(codes).toEqual([0, 0, 0]);
  expect((await store.get([memoryNumber(0).record.id]))[0]?.accessCount).toBe(300);
  expect(await store.list({ limit: 1000 })).toHaveLength(301);
  expect(await store.verify()).toEqual([]);
  await store.close();
});
