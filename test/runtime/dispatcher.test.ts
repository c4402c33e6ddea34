import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';

import { prepareModel } from '#src/engine/prepare-model.js';
import { listFolderFiles } from '#src/models/folder-files.js';
import { Dispatcher, type DispatchRequest } from '#src/runtime/dispatcher.js';
import { SessionLanes } from '#src/runtime/session-lanes.js';
import { TextTokenizer } from '#src/runtime/tokenizer.js';
import { WorkerPool } from '#src/runtime/worker-pool.js';
import { isIsovecError } from '#src/shared/isovec-error.js';
import { silentLogger } from '#src/shared/log.js';
import { expect, it, onTestFinished } from 'vitest';

import { ScriptedThreads, type ThreadScript } from './support/spawn-scripted.js';

const TEXTS = Array.from({ length: 120 }, (_, i) => `text ${i}${' the river'.repeat(i % 9)}`);

interface Running {
  readonly dispatcher: Dispatcher;
  readonly pool: WorkerPool;
  readonly embed: (texts: readonly string[]) => Promise<Float32Array[]>;
}

/** A dispatcher on real sessions whose threads die as the script says. */
async function start(script: ThreadScript): Promise<Running> {
  const cache = await mkdtemp(path.join(tmpdir(), 'isovec-dispatcher-'));
  onTestFinished(() => rm(cache, { recursive: true, force: true }));
  const files = await listFolderFiles(path.resolve(import.meta.dirname, '../fixtures/tiny/bert-mean'));
  const { bundle, tokenizer, record } = await prepareModel(files, cache, undefined);
  const dispatcher = new Dispatcher(await TextTokenizer.load(tokenizer, record.maxSequenceLength), {
    tokenBudget: 256,
    agingMilliseconds: 1000,
    maxPendingTexts: 10_000,
    maxPendingTokens: 1_000_000,
  });
  const pool = await WorkerPool.start({
    size: 2,
    spawn: new ScriptedThreads(script, 'mortal-worker.mjs').spawnFor({ bundle, threads: 1, warmUpLengths: [] }),
    logger: silentLogger,
    onIdle: () => {
      dispatcher.pump();
    },
  });
  onTestFinished(() => pool.close());
  const lanes = new SessionLanes({
    narrow: pool,
    startWide: () => Promise.reject(new Error('no session of several threads in these tests')),
    logger: silentLogger,
    threads: 2,
    width: 1,
    calmMilliseconds: 0,
    wideAfter: Infinity,
  });
  dispatcher.attach(lanes);
  const embed = async (texts: readonly string[]): Promise<Float32Array[]> => {
    const rows: Float32Array[] = [];
    const request: DispatchRequest = {
      texts,
      promptLength: 0,
      output: 'embeddings',
      priority: 1,
      signal: undefined,
      deadline: undefined,
      onRows: (index, row) => {
        rows[index] = row.slice();
      },
      onDone: undefined,
    };
    await dispatcher.dispatch(request);
    return rows;
  };
  return { dispatcher, pool, embed };
}

it('gives the same vectors although a thread dies in between', async () => {
  const healthy = await start({});
  // One death only: a second could hit the same batch again, which is WORKER_LOST.
  const mortal = await start({ crashOn: [2] });
  expect(await mortal.embed(TEXTS)).toEqual(await healthy.embed(TEXTS));
  expect(mortal.pool.status().replaced).toBe(1);
  expect(mortal.dispatcher.status()).toMatchObject({ pendingTexts: 0, completedTexts: TEXTS.length });
});

it('fails every call, and lets none wait for ever, when no thread survives', async () => {
  const { embed, dispatcher } = await start({ crashOn: Array.from({ length: 100 }, (_, i) => i + 1) });
  const outcomes = await Promise.allSettled([embed(TEXTS), embed(TEXTS.slice(0, 3)), embed(['one more'])]);
  for (const outcome of outcomes) {
    expect(outcome.status === 'rejected' && isIsovecError(outcome.reason, 'WORKER_LOST')).toBe(true);
  }
  expect(dispatcher.status()).toMatchObject({ pendingTexts: 0, pendingTokens: 0 });
});

it('refuses waiting and later calls when threads can no longer be started', async () => {
  // Two threads live; the first batch ends one, and what should replace it dies three times.
  const { embed, dispatcher } = await start({ crashOn: [1, 2], dieOnStart: [3, 4, 5, 6, 7, 8] });
  const first = await Promise.allSettled([embed(TEXTS), embed(TEXTS)]);
  expect(first.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
  await expect(embed(['later'])).rejects.toMatchObject({ code: 'WORKER_LOST' });
  expect(dispatcher.status().pendingTexts).toBe(0);
});
