import { Embedder } from '#src/engine/embedder.js';
import { prepareModel } from '#src/engine/prepare-model.js';
import { listFolderFiles } from '#src/models/folder-files.js';
import { Dispatcher } from '#src/runtime/dispatcher.js';
import { SessionLanes } from '#src/runtime/session-lanes.js';
import { TextTokenizer } from '#src/runtime/tokenizer.js';
import { WorkerPool } from '#src/runtime/worker-pool.js';
import type { Logger } from '#src/index.js';
import { onTestFinished } from 'vitest';

import { loadTiny, temporaryFolder, tinyFolder } from '../../engine/support/tiny-model.js';
import { ScriptedThreads, type ThreadScript } from '../../runtime/support/spawn-scripted.js';

/** A tiny model on real sessions whose threads die as the script says. */
export async function mortalModel(script: ThreadScript, logger: Logger): Promise<Embedder> {
  const whole = await loadTiny('bert-mean', { warmUp: false });
  const files = await listFolderFiles(tinyFolder('bert-mean'));
  const { bundle, record, tokenizer: definition } = await prepareModel(files, await temporaryFolder(), undefined);
  const tokenizer = await TextTokenizer.load(definition, record.maxSequenceLength);
  const scheduling = { tokenBudget: 256, agingMilliseconds: 1000 };
  const limits = { maxPendingTexts: 10_000, maxPendingTokens: 1_000_000 };
  const dispatcher = new Dispatcher(tokenizer, { ...scheduling, ...limits });
  const pool = await WorkerPool.start({
    size: 2,
    spawn: new ScriptedThreads(script, 'mortal-worker.mjs').spawnFor({ bundle, threads: 1, warmUpLengths: [] }),
    logger,
    onIdle: () => {
      dispatcher.pump();
    },
  });
  onTestFinished(() => pool.close());
  const lanes = new SessionLanes({
    narrow: pool,
    startWide: () => Promise.reject(new Error('no session of several threads in these tests')),
    logger,
    threads: 2,
    width: 1,
    calmMilliseconds: 0,
    wideAfter: Infinity,
  });
  dispatcher.attach(lanes);
  const nothing = (): Promise<void> => Promise.resolve();
  const use = { recorded: nothing, close: nothing };
  const { hiddenSize } = bundle;
  return new Embedder({ info: whole.info(), record, hiddenSize, tokenizer, streamChunk: 1, dispatcher, lanes, use });
}
