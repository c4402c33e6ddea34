import type { WeightBits } from '../convert/quantize/round-rows.js';
import type { WeightDtype } from '../models/embedding-space.js';
import { deviceOf, type ExecutionProvider } from '../runtime/sessions/execution-provider.js';
import { IsovecError } from '../shared/isovec-error.js';
import type { Logger } from '../shared/log.js';
import type { ProgressListener } from '../shared/progress.js';
import {
  checkOptions,
  isBoolean,
  isFunction,
  isObject,
  isOneOf,
  isPath,
  isSignal,
  isWhole,
  type OptionRule,
} from '../shared/check-options.js';
import { type Device, DEVICES, isInProcess, type ProviderChoice, PROVIDER_CHOICES } from './provider-choice.js';
import type { Calibration } from './quantize/calibration-file.js';

/** Options of `loadModel`. */
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
  /**
   * Who computes: 'auto', the default, takes this process, and Python where that cannot run the model; 'onnx' this process
   * alone; 'python' a child with Python alone, with its backend after a slash where that matters. Vectors are of the same space.
   */
  readonly provider?: ProviderChoice;
  /**
   * Where the computation runs; 'auto' takes the processor. Others are tried in this process first, where ONNX Runtime may
   * have 'webgpu', 'coreml', 'dml' and 'cuda', then in Python. One whose vectors are not the processor's is refused.
   */
  readonly device?: Device;
  /**
   * Execution providers of ONNX Runtime with their options, in order of preference, instead of a device, such as
   * `[{ name: 'CUDAExecutionProvider', options: { device_id: 1 } }]`; by default those of the device.
   */
  readonly executionProviders?: readonly ExecutionProvider[];
  /** Interpreter of Python; ISOVEC_PYTHON by default, else what `isovec bridge install` made, else python3. */
  readonly python?: string;
  /** Worker threads, each with one session, or threads of the Python child; by default one per core that this process may use. */
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

/** Each thread holds a session of its own; more than any machine has cores for is a mistake (CWE-770). */
const MAX_THREADS = 1024;

const isProviders: OptionRule = (value) =>
  Array.isArray(value) &&
  value.every(
    (one: unknown) => typeof one === 'object' && one !== null && 'name' in one && typeof one.name === 'string',
  )
    ? undefined
    : 'must be a list of { name, options }';

/** CONFIG_INVALID names the option and the rule that it breaks. */
export function checkLoadOptions(options: LoadOptions): void {
  checkOptions('loadModel', options, {
    dtype: isOneOf('float32', 'int8'),
    weightBits: isWhole(7, 8),
    calibration: isPath,
    provider: isOneOf(...PROVIDER_CHOICES),
    device: isOneOf(...DEVICES),
    executionProviders: isProviders,
    python: isPath,
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
  const { device = 'auto', executionProviders = [] } = options;
  if (options.dtype === 'int8' && (!['auto', 'cpu'].includes(device) || deviceOf(executionProviders) !== 'cpu')) {
    throw new IsovecError(
      'CONFIG_INVALID',
      "loadModel: dtype 'int8' runs on the processor only; leave out device and executionProviders, or take float32.",
      { data: { option: 'device' } },
    );
  }
  if (options.dtype === 'int8' && !isInProcess(options.provider)) {
    throw new IsovecError(
      'CONFIG_INVALID',
      `loadModel: dtype 'int8' runs in process only; leave out provider, or take float32 for ${options.provider}.`,
      { data: { option: 'provider' } },
    );
  }
}
