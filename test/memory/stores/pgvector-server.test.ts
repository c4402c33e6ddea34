import { once } from 'node:events';

import { openPgvectorStore, type PgvectorStoreOptions } from '#src/memory/stores/pgvector/pgvector-store.js';
import type { MemoryStore } from '#src/memory/stores/store.js';
import { isIsovecError } from '#src/shared/isovec-error.js';
import { expect, it, onTestFinished } from 'vitest';

import { memoryNumber, STORE_SPACE } from '../../contract/store-contract.js';
import { failure } from '../../engine/support/tiny-model.js';
import { seededRandom } from '../../jobs/killed-run.js';
import { expectWhole } from './support/expect-whole.js';
import { CHANGES, randomChanges, startChanges } from './support/random-changes.js';
import { describeWithPostgres, newSchema } from './support/with-postgres.js';

/** 50 is the heavy form. */
const KILLS = Number(process.env['ISOVEC_KILLS'] ?? 3);

describeWithPostgres('processes of a PostgreSQL store', (server) => {
  const open = async (options: PgvectorStoreOptions = {}): Promise<MemoryStore> => {
    const store = await openPgvectorStore({ connectionString: server().url(), space: STORE_SPACE, ...options });
    onTestFinished(() => store.close());
    return store;
  };

  it.each(['SIGINT', 'SIGQUIT'] as const)(
    'fail retryably while the server is gone (%s), and work when it is there again, with all that was made',
    async (signal) => {
      const store = await open({ schema: newSchema() });
      let made = 0;
      let stopped = false;
      const failures: unknown[] = [];
      const writer = async (): Promise<void> => {
        while (!stopped) {
          try {
            await store.touch(['m000001'], 1);
            made++;
          } catch (error) {
            failures.push(error);
          }
        }
      };
      await store.apply({ put: [memoryNumber(1)] });
      const writers = Promise.all([writer(), writer(), writer()]);
      const until = async (condition: () => boolean): Promise<void> => {
        while (!condition()) await new Promise((resolve) => setTimeout(resolve, 5));
      };
      await until(() => made > 20);
      await server().stop(signal);
      await until(() => failures.length > 5);
      const before = made;
      await server().start();
      await until(() => made > before + 20);
      stopped = true;
      await writers;
      for (const error of failures) {
        expect(isIsovecError(error, 'STORE_UNAVAILABLE') && error.retryable).toBe(true);
      }
      const [record] = await store.get(['m000001']);
      // A call whose answer was lost may have been made.
      expect(record?.accessCount).toBeGreaterThanOrEqual(made);
      expect(record?.accessCount).toBeLessThanOrEqual(made + 3);
      expect(await store.verify()).toEqual([]);
    },
  );

  it('lose no update of each other', async () => {
    const schema = newSchema();
    const store = await open({ schema });
    await store.apply({ put: [memoryNumber(0)] });
    const changesOf = (process: number): object[] =>
      Array.from({ length: 100 }, (_, at) => ({
        put: [memoryNumber(1 + process * 100 + at)],
        touch: [memoryNumber(0).record.id],
      }));
    const options = { connectionString: server().url(), schema };
    const children = await Promise.all([0, 1, 2].map((one) => startChanges(options, changesOf(one))));
    const codes = await Promise.all(
      children.map(async (child) => ((await once(child, 'close')) as [number | null])[0]),
    );
    expect(codes).toEqual([0, 0, 0]);
    expect((await store.get([memoryNumber(0).record.id]))[0]?.accessCount).toBe(300);
    expect(await store.list({ limit: 1000 })).toHaveLength(301);
    expect(await store.verify()).toEqual([]);
  });

  it('wait for each other whatever the order in which they name memories, and never both', async () => {
    const schema = newSchema();
    const [first, second] = [await open({ schema }), await open({ schema })];
    const numbers = Array.from({ length: 12 }, (_, at) => at);
    const random = seededRandom(3);
    const shuffled = (): number[] => [...numbers].sort(() => random() - 0.5);
    await Promise.all(
      Array.from({ length: 60 }, (_, at) => {
        const [from = 0, to = 1, ...others] = shuffled();
        const connection = { from: memoryNumber(from).record.id, to: memoryNumber(to).record.id };
        return (at % 2 === 0 ? first : second).apply({
          remove: others.slice(0, 2).map((number) => memoryNumber(number).record.id),
          put: [from, to, ...others.slice(3)].map((number) => memoryNumber(number)),
          connect: [{ ...connection, type: 'related', weight: 0.5, bidirectional: true, createdAt: 7 }],
        });
      }),
    );
    const ids = shuffled().map((number) => memoryNumber(number).record.id);
    await Promise.all(
      Array.from({ length: 40 }, (_, at) => (at % 2 === 0 ? first : second).touch([...ids].reverse(), at)),
    );
    expect(await first.verify()).toEqual([]);
  });

  it('can be opened for the first time by many at once', async () => {
    const schema = newSchema();
    const stores = await Promise.all(Array.from({ length: 6 }, () => open({ schema, maxConnections: 1 })));
    await Promise.all(stores.map((store, at) => store.apply({ put: [memoryNumber(at)] })));
    expect(await stores[0]?.list({ limit: 10 })).toHaveLength(6);
  });

  it('answer all that was asked before they are closed', async () => {
    const store = await open({ schema: newSchema(), maxConnections: 2 });
    await store.apply({ put: [memoryNumber(1)] });
    const asked = Promise.all(Array.from({ length: 20 }, () => store.get(['m000001'])));
    const closed = store.close();
    for (const [record] of await asked) expect(record?.id).toBe('m000001');
    await closed;
    expect((await failure(() => store.touch(['m000001'], 1))).code).toBe('CLOSED');
  });

  it(
    'leave a whole store behind when they are killed: all that was made, and at most the change that was under way',
    async () => {
      const random = seededRandom(Number(process.env['ISOVEC_SEED'] ?? 1));
      for (let kill = 0; kill < KILLS; kill++) {
        const changes = randomChanges(kill + 1);
        const schema = newSchema();
        const store = await open({ schema });
        const child = await startChanges({ connectionString: server().url(), schema }, changes);
        const victim = 1 + Math.floor(random() * CHANGES * 0.3);
        let made = 0;
        child.stdout?.setEncoding('utf8').on('data', (text: string) => {
          made += text.split('\n').length - 1;
          if (made >= victim) child.kill('SIGKILL');
        });
        await once(child, 'close');
        // The server notices by itself that the client is gone; until then it may be at work for it.
        for (let busy = true; busy;) {
          const others = await server().ask(
            "SELECT 1 FROM pg_stat_activity WHERE application_name = 'isovec' AND state <> 'idle' AND pid <> pg_backend_pid()",
          );
          busy = others.length > 0;
        }
        await expectWhole(store, changes, made);
      }
    },
    60_000 + KILLS * 10_000,
  );
});
