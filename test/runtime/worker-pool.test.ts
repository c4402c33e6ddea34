import type { SessionBatch } from '#src/runtime/sessions/messages.js';
import { WorkerPool, type WorkerPoolOptions } from '#src/runtime/worker-pool.js';
import type { IsovecError } from '#src/shared/isovec-error.js';
import { silentLogger } from '#src/shared/log.js';
import { describe, expect, it, onTestFinished } from 'vitest';

import { ScriptedThreads, type ThreadScript } from './support/spawn-scripted.js';

const work = (...ids: number[]): SessionBatch => ({
  ids: Int32Array.from(ids),
  batch: 1,
  length: ids.length,
  promptLength: 0,
  output: 'embeddings',
});

interface Started {
  readonly pool: WorkerPool;
  readonly threads: ScriptedThreads;
  readonly warnings: string[];
  readonly idleCalls: () => number;
}

async function start(script: ThreadScript, size = 1, options: Partial<WorkerPoolOptions> = {}): Promise<Started> {
  const threads = new ScriptedThreads(script);
  const warnings: string[] = [];
  let idle = 0;
  const pool = await WorkerPool.start({
    size,
    spawn: threads.spawnFor(),
    logger: { ...silentLogger, warn: (message) => warnings.push(message) },
    onIdle: () => {
      idle++;
    },
    ...options,
  });
  onTestFinished(() => pool.close());
  return { pool, threads, warnings, idleCalls: () => idle };
}

async function rejection(promise: Promise<unknown>): Promise<IsovecError> {
  return promise.then(
    () => {
      throw new Error('did not reject');
    },
    (error: unknown) => error as IsovecError,
  );
}

describe('a healthy pool', () => {
  it('is started when the first worker is ready; the others join then', async () => {
    const { pool, threads } = await start({ hangFrom: 2 }, 3);
    expect(pool.status()).toMatchObject({ workers: 3, ready: 1, joining: 2 });
    expect(pool.idle).toBe(1);
    expect([...(await pool.run(work(5))).data]).toEqual([5]);
    await expect.poll(() => threads.starts).toBe(3);
  });

  it('is complete when every worker is ready, and tells the slowest load and warm-up', async () => {
    const { pool, threads, idleCalls } = await start({}, 3);
    await pool.complete();
    expect(threads.starts).toBe(3);
    expect(idleCalls()).toBe(3);
    expect(pool.status()).toEqual({
      workers: 3,
      ready: 3,
      busy: 0,
      joining: 0,
      replaced: 0,
      engineMilliseconds: 3,
      loadMilliseconds: 5,
      warmUpMilliseconds: 7,
    });
    expect(pool.idle).toBe(3);
  });

  it('runs each batch once and gives its rows to its own caller', async () => {
    const { pool, threads } = await start({ delay: 2 }, 2);
    const results = await Promise.all(Array.from({ length: 20 }, (_, i) => pool.run(work(i, i + 1))));
    expect(results.map(({ data }) => [...data])).toEqual(Array.from({ length: 20 }, (_, i) => [i, i + 1]));
    expect(threads.batches).toBe(20);
  });

  it('passes the error of a run on and keeps the worker', async () => {
    const { pool, threads } = await start({ failOn: [1] });
    expect(await rejection(pool.run(work(1)))).toMatchObject({ code: 'INTERNAL', message: 'the run failed' });
    expect([...(await pool.run(work(2))).data]).toEqual([2]);
    expect(threads.starts).toBe(1);
  });

  it('shares the work with workers that join', async () => {
    const { pool } = await start({}, 2);
    await pool.complete();
    const both = [pool.run(work(1)), pool.run(work(2))];
    expect(pool.status()).toMatchObject({ ready: 2, busy: 2 });
    await Promise.all(both);
  });

  it('says when a worker has become free', async () => {
    const { pool, idleCalls } = await start({});
    const before = idleCalls();
    await pool.run(work(1));
    expect(idleCalls()).toBe(before + 1);
  });
});

describe('a worker that dies', () => {
  it.each([
    ['by ending', { crashOn: [2] }],
    ['by an uncaught error', { throwOn: [2] }],
  ])('%s is replaced, and its batch runs once more', async (_, script) => {
    const { pool, threads, warnings } = await start(script);
    await pool.run(work(1));
    expect([...(await pool.run(work(7))).data]).toEqual([7]);
    expect(pool.status().replaced).toBe(1);
    expect(threads.starts).toBe(2);
    expect(threads.batches).toBe(3);
    expect(warnings).toHaveLength(1);
  });

  it('twice with the same batch fails that batch with WORKER_LOST, and serves the next', async () => {
    const { pool, threads } = await start({ crashOn: [1, 2] });
    const error = await rejection(pool.run(work(1)));
    expect(error.code).toBe('WORKER_LOST');
    expect(error.retryable).toBe(true);
    expect([...(await pool.run(work(2))).data]).toEqual([2]);
    expect(pool.status()).toMatchObject({ replaced: 2, ready: 1 });
    expect(threads.batches).toBe(3);
  });

  it('leaves batches on other workers alone', async () => {
    const { pool } = await start({ crashOn: [1], delay: 20 }, 2);
    const results = await Promise.all([pool.run(work(1)), pool.run(work(2)), pool.run(work(3))]);
    expect(results.map(({ data }) => data[0])).toEqual([1, 2, 3]);
  });
});

describe('workers that cannot start', () => {
  it('fail the start after three deaths in a row, and leave no thread', async () => {
    const threads = new ScriptedThreads({ dieOnStart: [1, 2, 3, 4, 5] });
    const options = { size: 1, spawn: threads.spawnFor(), logger: silentLogger, onIdle: () => undefined };
    expect((await rejection(WorkerPool.start(options))).code).toBe('WORKER_LOST');
    expect(threads.starts).toBe(3);
    await expect.poll(() => threads.alive).toBe(0);
  });

  it('are tried again up to twice', async () => {
    const { pool, threads } = await start({ dieOnStart: [1, 2] });
    expect(threads.starts).toBe(3);
    expect([...(await pool.run(work(4))).data]).toEqual([4]);
  });

  it('break a running pool when they would have joined it, and the owner is told', async () => {
    const { pool, warnings, idleCalls } = await start({ dieOnStart: [2, 3, 4] }, 2);
    await pool.complete();
    expect(pool.status()).toMatchObject({ ready: 1, joining: 1 });
    expect(warnings.at(-1)).toContain('No worker can be started');
    expect(idleCalls()).toBe(2);
    expect((await rejection(pool.run(work(1)))).code).toBe('WORKER_LOST');
  });

  it('are started for ever where the pool is persistent: it refuses work for a while, and serves again', async () => {
    // The first one dies of its first batch, and those after it as they start.
    const dieOnStart = Array.from({ length: 11 }, (_, i) => i + 2);
    const { pool, threads, idleCalls } = await start({ crashOn: [1], dieOnStart }, 1, { persistent: true });
    const idle = idleCalls();
    expect((await rejection(pool.run(work(1)))).code).toBe('WORKER_LOST');
    expect(idleCalls()).toBeGreaterThan(idle);
    await expect.poll(() => pool.status().ready).toBe(1);
    expect(threads.starts).toBe(13);
    expect([...(await pool.run(work(2))).data]).toEqual([2]);
  });

  it('fail the start at once with the error they give', async () => {
    const threads = new ScriptedThreads({ unable: 'FORMAT_INVALID' });
    const options = { size: 2, spawn: threads.spawnFor(), logger: silentLogger, onIdle: () => undefined };
    expect((await rejection(WorkerPool.start(options))).code).toBe('FORMAT_INVALID');
    await expect.poll(() => threads.alive).toBe(0);
  });

  it('break a running pool: waiting and later batches fail, and the owner is told', async () => {
    const { pool, idleCalls } = await start({ crashOn: [1], dieOnStart: [2, 3, 4] });
    const before = idleCalls();
    expect((await rejection(pool.run(work(1)))).code).toBe('WORKER_LOST');
    expect((await rejection(pool.run(work(2)))).code).toBe('WORKER_LOST');
    expect(idleCalls()).toBeGreaterThan(before);
    // Work that waits elsewhere must be offered, so that it is refused instead of waiting for ever.
    expect(pool.idle).toBeGreaterThan(0);
  });
});

describe('starting', () => {
  it('ends with ABORTED and no thread when the signal fires while a worker hangs', async () => {
    const threads = new ScriptedThreads({ hangFrom: 1 });
    const abort = new AbortController();
    const starting = WorkerPool.start({
      size: 2,
      spawn: threads.spawnFor(),
      logger: silentLogger,
      onIdle: () => undefined,
      signal: abort.signal,
    });
    await expect.poll(() => threads.starts).toBe(1);
    abort.abort();
    expect((await rejection(starting)).code).toBe('ABORTED');
    await expect.poll(() => threads.alive).toBe(0);
  });

  it('does not begin when the signal has fired', async () => {
    const threads = new ScriptedThreads({});
    const options = { size: 1, spawn: threads.spawnFor(), logger: silentLogger, onIdle: () => undefined };
    const start = WorkerPool.start({ ...options, signal: AbortSignal.abort() });
    expect((await rejection(start)).code).toBe('ABORTED');
    expect(threads.alive).toBe(0);
  });
});

describe('close', () => {
  it('lets a running batch finish, refuses waiting and later ones, and ends every thread', async () => {
    const { pool, threads } = await start({ delay: 30 });
    const running = pool.run(work(1));
    const waiting = rejection(pool.run(work(2)));
    const closing = pool.close();
    const late = rejection(pool.run(work(3)));
    expect([...(await running).data]).toEqual([1]);
    expect((await waiting).code).toBe('CLOSED');
    expect((await late).code).toBe('CLOSED');
    await closing;
    expect(threads.alive).toBe(0);
  });

  it('is idempotent: every call resolves when the threads have ended', async () => {
    const { pool, threads } = await start({ delay: 30 }, 2);
    const running = pool.run(work(1));
    await Promise.all([pool.close(), pool.close()]);
    await pool.close();
    expect(threads.alive).toBe(0);
    await running;
  });

  it('ends workers that are still joining, and completes what waits for them', async () => {
    const { pool, threads } = await start({ hangFrom: 2 }, 3);
    await expect.poll(() => threads.starts).toBe(3);
    const complete = pool.complete();
    await pool.close();
    await complete;
    expect(threads.alive).toBe(0);
  });

  it('ends a replacement that is still starting', async () => {
    const { pool, threads } = await start({ crashOn: [1], hangFrom: 2 });
    const waiting = rejection(pool.run(work(1)));
    await expect.poll(() => threads.starts).toBe(2);
    await pool.close();
    expect((await waiting).code).toBe('CLOSED');
    expect(threads.alive).toBe(0);
  });
});
