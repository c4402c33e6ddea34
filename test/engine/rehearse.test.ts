import { prepareModel } from '#src/engine/prepare-model.js';
import { rehearse } from '#src/engine/rehearse.js';
import { listFolderFiles } from '#src/models/folder-files.js';
import type { Dispatcher } from '#src/runtime/dispatcher.js';
import { TextTokenizer } from '#src/runtime/tokenizer.js';
import { WorkerPool } from '#src/runtime/worker-pool.js';
import { silentLogger } from '#src/shared/log.js';
import { expect, it, onTestFinished } from 'vitest';

import { ScriptedThreads, type ThreadScript } from '../runtime/support/spawn-scripted.js';
import { loadTiny, temporaryFolder, tinyFolder } from './support/tiny-model.js';

/** Rehearses on real sessions whose threads die as the script says; gives the batches that they were given. */
async function rehearsedBatches(script: ThreadScript): Promise<number> {
  const model = await loadTiny('bert-mean', { warmUp: false });
  const files = await listFolderFiles(tinyFolder('bert-mean'));
  const { bundle, record, tokenizer } = await prepareModel(files, await temporaryFolder(), undefined);
  const threads = new ScriptedThreads(script, 'mortal-worker.mjs');
  let dispatcher: Dispatcher | undefined;
  const pool = await WorkerPool.start({
    size: 1,
    spawn: threads.spawnFor({ bundle, threads: 1, warmUpLengths: [] }),
    logger: silentLogger,
    onIdle: () => dispatcher?.pump(),
  });
  onTestFinished(() => pool.close());
  await rehearse({
    parts: {
      info: model.info(),
      record,
      hiddenSize: bundle.hiddenSize,
      tokenizer: await TextTokenizer.load(tokenizer, record.maxSequenceLength),
      streamChunk: 1,
    },
    pool,
    scheduling: { tokenBudget: 256, agingMilliseconds: 1000 },
    logger: silentLogger,
    requests: 2,
    signal: undefined,
    onDispatcher: (rehearsing) => {
      dispatcher = rehearsing;
    },
  });
  expect(pool.status()).toMatchObject({ ready: 1, busy: 0 });
  return threads.batches;
}

it('sends requests the whole way to a worker and back, and leaves it free', async () => {
  expect(await rehearsedBatches({ crashOn: [] })).toBe(2);
});

it('goes on when the worker dies on the way', async () => {
  expect(await rehearsedBatches({ crashOn: [1] })).toBe(3);
});

it("counts neither for the model's health nor against its limits", async () => {
  const model = await loadTiny('bert-mean', { threads: 2, maxPendingTexts: 1, maxPendingTokens: 4 });
  expect(model.info().timings.warmUp).toBeGreaterThan(0);
  expect(model.health()).toMatchObject({ completedTexts: 0, completedTokens: 0, loneTextSession: false });
  expect(await model.encode('a')).toHaveLength(32);
});
