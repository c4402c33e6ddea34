import { recordUse } from '../models/cache/model-use.js';
import type { ModelFiles } from '../models/model-files.js';
import type { ProviderAttempt } from '../providers/provider.js';
import type { AdmissionLimits } from '../runtime/admission.js';
import { Dispatcher } from '../runtime/dispatcher.js';
import { SessionLanes } from '../runtime/session-lanes.js';
import { throwIfAborted } from '../shared/abort.js';
import { silentLogger } from '../shared/log.js';
import type { Computation, StartedComputation } from './computation.js';
import { Embedder, type LoadTimings, type ModelInfo } from './embedder.js';
import type { LoadOptions } from './load-options.js';
import { notifyProgress } from './notify-progress.js';
import { rehearse } from './rehearse.js';

/** What {@link startEmbedder} needs beside the options of a load. */
export interface EmbedderStart extends LoadOptions {
  readonly cacheRoot: string;
  /** Providers that were tried before. */
  readonly attempts: readonly ProviderAttempt[];
  /** Milliseconds of the steps that are over, and when the first of them began. */
  readonly earlier: Pick<LoadTimings, 'obtain' | 'prepare'> & { readonly started: number };
}

/** Waiting time that counts as one step of priority. */
const AGING_MILLISECONDS = 1000;
/** A pending text costs about a kilobyte; the default keeps a runaway caller below a gigabyte. */
const MAX_PENDING_TEXTS = 1_000_000;
const MAX_PENDING_TOKENS = 128_000_000;
/** Texts that a stream embeds at a time: enough to find texts of equal length, few enough to keep memory flat. */
const STREAM_CHUNK = 256;
/** Lengths run once per worker before it is ready: the kernels and the memory arena have then met real shapes. */
const WARM_UP_LENGTHS = [8, 128];
/** What a model that is still being loaded says of its loading. */
const NO_TIMINGS = { obtain: 0, prepare: 0, engine: 0, tokenizer: 0, sessions: 0, session: 0, warmUp: 0, total: 0 };
/** A lone text may use several threads when nothing overlapped for this time. */
const CALM_MILLISECONDS = 30;
/** Lone texts that a process embeds before the session for them is made: one that embeds a few never pays for it. */
const WIDE_AFTER = 4;

/** Starts the sessions of a computation, warms them up, and puts an embedder around them. Rejects as `loadModel`. */
export async function startEmbedder(
  files: ModelFiles,
  computation: Computation,
  options: EmbedderStart,
): Promise<Embedder> {
  const { signal, cacheRoot, earlier, logger = silentLogger } = options;
  const { sessions, loneTextThreads, tokenBudget, preparedFolder } = computation;
  const limits: AdmissionLimits = {
    maxPendingTexts: options.maxPendingTexts ?? MAX_PENDING_TEXTS,
    maxPendingTokens: options.maxPendingTokens ?? MAX_PENDING_TOKENS,
  };
  const scheduling = { tokenBudget, agingMilliseconds: AGING_MILLISECONDS };
  let serving: Dispatcher | undefined;
  const start = {
    warmUpLengths: options.warmUp === false ? [] : WARM_UP_LENGTHS,
    logger,
    onIdle: () => serving?.pump(),
  };
  const started = await computation.start({ ...start, signal });
  const { pool, tokenizer, milliseconds, record, hiddenSize } = started;
  const lanes = new SessionLanes({
    narrow: pool,
    startWide: () => computation.startWide({ ...start, signal: undefined }),
    logger,
    threads: sessions,
    width: loneTextThreads,
    calmMilliseconds: CALM_MILLISECONDS,
    wideAfter: WIDE_AFTER,
  });
  const dispatcher = new Dispatcher(tokenizer, { ...scheduling, ...limits });
  const info = { ...describe(files, computation, started), attempts: [...options.attempts], timings: NO_TIMINGS };
  const parts = {
    info,
    record,
    hiddenSize,
    tokenizer,
    streamChunk: streamChunk(limits, sessions, record.maxSequenceLength),
  };
  let rehearsal = 0;
  try {
    if (options.warmUp !== false) {
      const begun = performance.now();
      const onDispatcher = (rehearsing: Dispatcher): void => {
        serving = rehearsing;
      };
      await rehearse({ parts, pool, scheduling, logger, requests: computation.rehearsals, signal, onDispatcher });
      rehearsal = performance.now() - begun;
    }
    serving = dispatcher;
    dispatcher.attach(lanes);
    throwIfAborted(signal);
    notifyProgress(options.onProgress, { phase: 'load', subject: files.id, done: 1, total: 1, unit: 'steps' });
  } catch (error) {
    await lanes.close();
    throw error;
  }
  const first = pool.status();
  const timings = {
    obtain: earlier.obtain,
    prepare: earlier.prepare,
    engine: first.engineMilliseconds,
    tokenizer: milliseconds.tokenizer,
    sessions: milliseconds.sessions,
    session: first.loadMilliseconds,
    warmUp: first.warmUpMilliseconds + rehearsal,
    total: performance.now() - earlier.started,
  };
  const use = recordUse(cacheRoot, files, { prepared: preparedFolder, python: computation.python });
  return new Embedder({ ...parts, info: { ...info, timings }, use, dispatcher, lanes });
}

/** As a stream embeds one chunk a thread and one more, its own chunks must fit into the limits together. */
function streamChunk(limits: AdmissionLimits, threads: number, maxSequenceLength: number): number {
  const chunks = threads + 1;
  const byTexts = Math.floor(limits.maxPendingTexts / chunks);
  const byTokens = Math.floor(limits.maxPendingTokens / (chunks * maxSequenceLength));
  return Math.max(1, Math.min(STREAM_CHUNK, byTexts, byTokens));
}

function describe(
  files: ModelFiles,
  { sessions, loneTextThreads }: Computation,
  { record, space, info }: StartedComputation,
): Omit<ModelInfo, 'attempts' | 'timings'> {
  return {
    ...info,
    id: files.id,
    revision: files.revision,
    origin: files.origin,
    dimensions: record.truncateDimension ?? record.dimensions,
    maxDimensions: record.dimensions,
    maxSequenceLength: record.maxSequenceLength,
    pooling: record.pipeline.flatMap((module) => (module.kind === 'pooling' ? module.modes : [])),
    normalizes: record.pipeline.at(-1)?.kind === 'normalize',
    similarity: record.similarity,
    prompts: record.prompts,
    defaultPromptName: record.defaultPromptName,
    space,
    dtype: space.weightDtype,
    threads: sessions,
    loneTextThreads,
  };
}
