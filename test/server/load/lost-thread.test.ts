import { Embedder } from '#src/engine/embedder.js';
import { prepareModel } from '#src/engine/prepare-model.js';
import { listFolderFiles } from '#src/models/folder-files.js';
import { recordUse } from '#src/models/cache/model-use.js';
import { Dispatcher } from '#src/runtime/dispatcher.js';
import { SessionLanes } from '#src/runtime/session-lanes.js';
import { TextTokenizer } from '#src/runtime/tokenizer.js';
import { WorkerPool } from '#src/runtime/worker-pool.js';
import { startServer } from '#src/server/start-server.js';
import { silentLogger } from '#src/shared/log.js';
import { expect, it, onTestFinished } from 'vitest';
import { dirname } from 'node:path';

import { HttpClient } from '../../../benchmarks/server/http-client.js';
import { loadTiny, temporaryFolder, tinyFolder } from '../../engine/support/tiny-model.js';
import { ScriptedThreads, type ThreadScript } from '../../runtime/support/spawn-scripted.js';
import { sameVectors, vectorsOf } from './support.js';

const TEXTS = Array.from({ length: 200 }, (_, i) => `text ${i}${' the river'.repeat(i % 9)}`);

/** A model whose real sessions run on threads that die as the script says. */
async function mortalModel(
  script: ThreadScript,
): Promise<{ readonly model: Embedder; readonly threads: ScriptedThreads }> {
  const whole = await loadTiny('bert-mean');
  const files = await listFolderFiles(tinyFolder('bert-mean'));
  const cache = await temporaryFolder();
  const { bundle, tokenizer: definition, record } = await prepareModel(files, cache, undefined);
  const tokenizer = await TextTokenizer.load(definition, record.maxSequenceLength);
  const dispatcher = new Dispatcher(tokenizer, {
    tokenBudget: 256,
    agingMilliseconds: 1000,
    maxPendingTexts: 100_000,
    maxPendingTokens: 10_000_000,
  });
  const threads = new ScriptedThreads(script, 'mortal-worker.mjs');
  const pool = await WorkerPool.start({
    size: 2,
    spawn: threads.spawnFor({ bundle, threads: 1, warmUpLengths: [] }),
    logger: silentLogger,
    onIdle: () => {
      dispatcher.pump();
    },
  });
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
  const model = new Embedder({
    info: whole.info(),
    record,
    hiddenSize: bundle.hiddenSize,
    tokenizer,
    dispatcher,
    lanes,
    use: recordUse(cache, files, { prepared: dirname(bundle.graphPath) }),
    streamChunk: 1,
  });
  onTestFinished(() => model.close());
  return { model, threads };
}

it('costs requests nothing but time, however many threads die under load', async () => {
  const expected = [...(await (await loadTiny('bert-mean')).encodeBatch(TEXTS))];
  // Far enough apart that no batch meets two deaths.
  const deaths = [5, 25, 50, 80, 110];
  const { model, threads } = await mortalModel({ crashOn: deaths });
  const server = await startServer([{ name: 'tiny', embedder: model }], { port: 0 });
  const client = new HttpClient(server.url);
  onTestFinished(() => {
    client.close();
  });
  const askers = Array.from({ length: 8 }, async (_, asker) => {
    for (let round = 0; round < 4; round++) {
      const from = (asker * 23 + round * 7) % 150;
      const texts = TEXTS.slice(from, from + 50);
      const answer = await client.send({ path: '/embed', body: { texts } });
      expect([answer.status, sameVectors(vectorsOf(answer), expected.slice(from, from + 50))]).toEqual([200, true]);
    }
  });
  await Promise.all(askers);
  expect(threads.batches).toBeGreaterThan(Math.max(...deaths));
  expect(model.health()).toMatchObject({ replacedWorkers: deaths.length, pendingTexts: 0 });
  const metrics = await client.send({ path: '/metrics' });
  expect(metrics.body.toString()).toMatch(
    new RegExp(`isovec_worker_restarts_total\\{model="tiny"\\} ${deaths.length}`),
  );
  expect(await server.close()).toBe(true);
});
