import { once } from 'node:events';
import path from 'node:path';

import { openSqliteStore } from '#src/memory/stores/sqlite/sqlite-store.js';
import { expect, it } from 'vitest';

import { memoryNumber, STORE_SPACE } from '../../contract/store-contract.js';
import { temporaryFolder } from '../../engine/support/tiny-model.js';
import { seededRandom } from '../../jobs/killed-run.js';
import { expectWhole } from './support/expect-whole.js';
import { CHANGES, randomChanges, startChanges } from './support/random-changes.js';

/** 50 is the heavy form. */
const KILLS = Number(process.env['ISOVEC_KILLS'] ?? 5);

it(
  'leave a whole store behind when they are killed: all that was made, and at most the change that was under way',
  async () => {
    const random = seededRandom(Number(process.env['ISOVEC_SEED'] ?? 1));
    for (let kill = 0; kill < KILLS; kill++) {
      const changes = randomChanges(kill + 1);
      const file = path.join(await temporaryFolder(), 'memory.db');
      await (await openSqliteStore({ file, space: STORE_SPACE })).close();
      const child = await startChanges({ file }, changes);
      const victim = 1 + Math.floor(random() * CHANGES * 0.6);
      let made = 0;
      child.stdout?.setEncoding('utf8').on('data', (text: string) => {
        made += text.split('\n').length - 1;
        if (made >= victim) child.kill('SIGKILL');
      });
      await once(child, 'close');
      const store = await openSqliteStore({ file });
      await expectWhole(store, changes, made);
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
  const children = await Promise.all([0, 1, 2].map((one) => startChanges({ file }, changesOf(one))));
  const codes = await Promise.all(children.map(async (child) => ((await once(child, 'close')) as [number | null])[0]));
  expect(codes).toEqual([0, 0, 0]);
  expect((await store.get([memoryNumber(0).record.id]))[0]?.accessCount).toBe(300);
  expect(await store.list({ limit: 1000 })).toHaveLength(301);
  expect(await store.verify()).toEqual([]);
  await store.close();
});
