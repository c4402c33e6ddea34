import { int8Request } from '#src/engine/int8-request.js';
import { obtainFiles } from '#src/engine/load-model.js';
import { startThreads } from '#src/engine/native-computation.js';
import { prepareModel } from '#src/engine/prepare-model.js';
import type { PreparedModel } from '#src/engine/prepared-folder.js';
import { readSettings } from '#src/engine/settings.js';
import type { WeightDtype } from '#src/models/embedding-space.js';
import { Dispatcher } from '#src/runtime/dispatcher.js';
import { SessionLanes } from '#src/runtime/session-lanes.js';
import { TextTokenizer } from '#src/runtime/tokenizer.js';
import { silentLogger } from '#src/shared/log.js';

/** The constants of an engine that a benchmark varies; the product's own are in src/engine/start-embedder.ts and native-computation.ts. */
export interface EngineConstants {
  readonly threads: number;
  readonly loneTextThreads: number;
  readonly tokenBudget: number;
  readonly calmMilliseconds: number;
}

/** An engine with constants of one's own: no prompts, no checks, nothing but tokens in and rows out. */
export interface AssembledEngine {
  embed(texts: readonly string[], priority?: number): Promise<void>;
  close(): Promise<void>;
}

/** The prepared form of a model in the cache, fetched if need be. */
export async function prepared(model: string, dtype: WeightDtype): Promise<PreparedModel> {
  const settings = readSettings();
  const int8 = dtype === 'int8' ? await int8Request({}) : undefined;
  return prepareModel(await obtainFiles(model, {}, settings), settings.cacheRoot, undefined, int8);
}

/** Starts an engine as `loadModel` does, and resolves when all its sessions, the wide one too, are ready. */
export async function assembleEngine(model: PreparedModel, constants: EngineConstants): Promise<AssembledEngine> {
  const { threads, loneTextThreads, tokenBudget, calmMilliseconds } = constants;
  const start = {
    warmUpLengths: [8, 128],
    logger: silentLogger,
    signal: undefined,
    onIdle: () => {
      dispatcher.pump();
    },
  };
  const dispatcher = new Dispatcher(await TextTokenizer.load(model.tokenizer, model.record.maxSequenceLength), {
    tokenBudget,
    agingMilliseconds: 1000,
    maxPendingTexts: 10_000_000,
    maxPendingTokens: 1_000_000_000,
  });
  const narrow = await startThreads(model, { ...start, workers: threads, sessionThreads: 1 });
  await narrow.complete();
  const lanes = new SessionLanes({
    narrow,
    startWide: () => startThreads(model, { ...start, workers: 1, sessionThreads: loneTextThreads }),
    logger: silentLogger,
    threads,
    width: loneTextThreads,
    calmMilliseconds,
    wideAfter: 1,
  });
  dispatcher.attach(lanes);
  const embed = async (texts: readonly string[], priority = 1): Promise<void> => {
    await dispatcher.dispatch({
      texts,
      promptLength: 0,
      output: 'embeddings',
      priority,
      signal: undefined,
      deadline: undefined,
      onRows: () => undefined,
      onDone: undefined,
    });
  };
  for (let i = 0; i < 200 && loneTextThreads > 1 && !lanes.hasWide; i++) {
    await embed(['one text alone']);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  return {
    embed,
    async close() {
      dispatcher.close();
      await lanes.close();
    },
  };
}
