import { SessionLanes, type SessionLanesOptions } from '#src/runtime/session-lanes.js';
import type { SessionBatch } from '#src/runtime/sessions/messages.js';
import { WorkerPool } from '#src/runtime/worker-pool.js';
import type { Logger } from '#src/shared/log.js';
import { IsovecError } from '#src/shared/isovec-error.js';
import { expect, it, onTestFinished } from 'vitest';

import { ScriptedThreads, type ThreadScript } from './support/spawn-scripted.js';

const WORK: SessionBatch = { ids: Int32Array.of(1, 2), batch: 1, length: 2, promptLength: 0, output: 'embeddings' };

interface Lanes {
  readonly lanes: SessionLanes;
  readonly narrow: ScriptedThreads;
  readonly wide: ScriptedThreads;
  readonly warnings: string[];
}

async function start(wideScript: ThreadScript = {}, options: Partial<SessionLanesOptions> = {}): Promise<Lanes> {
  const warnings: string[] = [];
  const logger: Logger = {
    info: () => undefined,
    warn: (message) => {
      warnings.push(message);
    },
  };
  const narrow = new ScriptedThreads({});
  const wide = new ScriptedThreads(wideScript);
  const pool = (size: number, threads: ScriptedThreads): Promise<WorkerPool> =>
    WorkerPool.start({ size, spawn: threads.spawnFor(), logger, onIdle: () => undefined });
  const lanes = new SessionLanes({
    narrow: await pool(2, narrow),
    startWide: () => pool(1, wide),
    logger,
    threads: 2,
    width: 2,
    calmMilliseconds: 0,
    wideAfter: 2,
    ...options,
  });
  onTestFinished(() => lanes.close());
  await lanes.narrow.complete();
  return { lanes, narrow, wide, warnings };
}

it('starts the wide session after enough lone batches, and gives it the next ones', async () => {
  const { lanes, narrow, wide } = await start();
  await lanes.run(WORK, 0);
  expect(lanes.hasWide).toBe(false);
  await lanes.run(WORK, 0);
  await expect.poll(() => lanes.hasWide).toBe(true);
  await lanes.run(WORK, 0);
  expect([narrow.batches, wide.batches, wide.starts]).toEqual([2, 1, 1]);
});

it('starts the wide session at once for a caller who waits until all is ready', async () => {
  const { lanes, narrow, wide } = await start();
  await Promise.all([lanes.ready(), lanes.ready()]);
  expect(lanes.hasWide).toBe(true);
  await lanes.run(WORK, 0);
  expect([narrow.batches, wide.batches, wide.starts]).toEqual([0, 1, 1]);
});

it('is ready without a wide session where there is to be none, or none can be', async () => {
  const { lanes, wide } = await start({}, { width: 1 });
  await lanes.ready();
  expect([lanes.hasWide, wide.starts]).toEqual([false, 0]);
  const broken = await start({ unable: 'FORMAT_INVALID' });
  await broken.lanes.ready();
  expect([broken.lanes.hasWide, broken.warnings.length]).toEqual([false, 1]);
});

it('leaves no room beside a batch that takes every thread', async () => {
  const { lanes } = await start({ delay: 20 });
  await Promise.all([lanes.run(WORK, 0).then(() => lanes.run(WORK, 0))]);
  await expect.poll(() => lanes.hasWide).toBe(true);
  const running = lanes.run(WORK, 0);
  expect(lanes.hasRoom(0)).toBe(false);
  await running;
  expect(lanes.hasRoom(0)).toBe(true);
});

it('never starts the wide session for overlapping batches', async () => {
  const { lanes, narrow, wide } = await start();
  for (let i = 0; i < 5; i++) await Promise.all([lanes.run(WORK, 1), lanes.run(WORK, 0)]);
  expect([narrow.batches, wide.starts]).toEqual([10, 0]);
});

it('says so once, and serves on, when the wide session cannot be started', async () => {
  const { lanes, narrow, wide, warnings } = await start({ unable: 'FORMAT_INVALID' });
  for (let i = 0; i < 3; i++) await lanes.run(WORK, 0);
  await expect.poll(() => warnings.length).toBe(1);
  await lanes.run(WORK, 0);
  expect([narrow.batches, wide.batches, wide.starts, warnings.length]).toEqual([4, 0, 1, 1]);
});

it('goes back to narrow sessions when the wide one is lost for good', async () => {
  const { lanes, narrow } = await start({ crashOn: [1, 2], dieOnStart: [3, 4, 5, 6] });
  for (let i = 0; i < 2; i++) await lanes.run(WORK, 0);
  await expect.poll(() => lanes.hasWide).toBe(true);
  await expect(lanes.run(WORK, 0)).rejects.toBeInstanceOf(IsovecError);
  await lanes.run(WORK, 0);
  expect(narrow.batches).toBe(3);
});

it('ends every thread, also one that is still starting', async () => {
  const { lanes, narrow, wide } = await start();
  for (let i = 0; i < 2; i++) await lanes.run(WORK, 0);
  await lanes.close();
  expect([narrow.alive, wide.alive]).toEqual([0, 0]);
});
