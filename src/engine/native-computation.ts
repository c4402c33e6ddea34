import { dirname } from 'node:path';
import type { ModelFiles } from '../models/model-files.js';
import { CPU_PROVIDER, deviceOf, type ExecutionProvider } from '../runtime/sessions/execution-provider.js';
import { sessionThreads } from '../runtime/sessions/nursery.js';
import { TextTokenizer } from '../runtime/tokenizer.js';
import { WorkerPool } from '../runtime/worker-pool.js';
import { isIsovecError } from '../shared/isovec-error.js';
import { trustDevice } from './trust-device.js';
import type { Computation, StartOptions } from './computation.js';
import { discardPrepared, type Int8Request, prepareModel } from './prepare-model.js';
import type { PreparedModel } from './prepared-folder.js';
import type { QuantizationReport } from './quantize/quantization-report.js';
import { startParts } from './start-parts.js';
import { usableCores } from './usable-cores.js';

/** Options of {@link nativeComputation}. */
export interface NativeComputationOptions {
  readonly cacheRoot: string;
  readonly int8: Int8Request | undefined;
  readonly threads: number | undefined;
  readonly loneTextThreads: number | undefined;
  /** Where it computes, in order of preference. */
  readonly executionProviders: readonly ExecutionProvider[];
  readonly signal: AbortSignal | undefined;
}

/** Throughput saturates at 128 to 512 tokens per run and falls beyond, when activations leave the cache. */
const TOKEN_BUDGET = 256;
/** A device other than the processor has one session, which larger batches keep busy. */
const DEVICE_TOKEN_BUDGET = 4096;
/** The first request takes about twice as long as later ones, the second a little longer. */
const REHEARSALS = 2;
/** Beyond a few threads the parts of one text's work are too small to be worth waiting for each other. */
const MOST_LONE_TEXT_THREADS = 4;

/**
 * The model in this process: its graph, written if that has not been done, in sessions of one thread each; or in one
 * session on another device, whose vectors are compared with the processor's first.
 */
export async function nativeComputation(files: ModelFiles, options: NativeComputationOptions): Promise<Computation> {
  const { cacheRoot, int8, executionProviders, signal } = options;
  const device = deviceOf(executionProviders);
  const isDevice = device !== 'cpu';
  const prepared = await prepareModel(files, cacheRoot, signal, int8);
  const quantizationReport = await storedReport(prepared);
  const threads = isDevice ? 1 : (options.threads ?? (await usableCores()));
  const { bundle, conversion, quantization } = prepared;
  const loneTextThreads = options.loneTextThreads ?? Math.min(threads, MOST_LONE_TEXT_THREADS);
  return {
    preparedFolder: dirname(bundle.graphPath),
    python: undefined,
    sessions: threads,
    loneTextThreads,
    rehearsals: REHEARSALS,
    tokenBudget: isDevice ? DEVICE_TOKEN_BUDGET : TOKEN_BUDGET,
    start: async (start) => {
      const { record, space, tokenizer } = prepared;
      const parts = await startParts(
        () => startThreads(prepared, { ...start, workers: threads, sessionThreads: 1, executionProviders }),
        () => TextTokenizer.load(tokenizer, record.maxSequenceLength),
      );
      if (isDevice) {
        await trustDevice({
          device,
          ...parts,
          logger: start.logger,
          startReference: () =>
            startThreads(prepared, {
              ...start,
              warmUpLengths: [],
              onIdle: () => undefined,
              workers: 1,
              sessionThreads: 1,
            }),
        });
      }
      const info = {
        provider: 'onnx',
        device,
        executionProviders: executionProviders.map(({ name }) => name),
        conversion,
        quantization,
        quantizationReport,
      };
      return { ...parts, record, space, hiddenSize: bundle.hiddenSize, info };
    },
    startWide: (start) => startThreads(prepared, { ...start, workers: 1, sessionThreads: loneTextThreads }),
  };
}

/** How {@link startThreads} starts sessions. */
export interface ThreadOptions extends StartOptions {
  /** Number of sessions, each on a thread. */
  readonly workers: number;
  /** Threads that share the work of a session's batch. */
  readonly sessionThreads: number;
  /** Where they compute, in order of preference; the processor by default. */
  readonly executionProviders?: readonly ExecutionProvider[];
}

/** Starts sessions of a prepared model on threads; a graph that cannot run is discarded. */
export async function startThreads(prepared: PreparedModel, options: ThreadOptions): Promise<WorkerPool> {
  const { workers, sessionThreads: threads, warmUpLengths, logger, signal, onIdle } = options;
  const { executionProviders = [CPU_PROVIDER] } = options;
  const spawn = sessionThreads({ bundle: prepared.bundle, threads, executionProviders, warmUpLengths });
  try {
    return await WorkerPool.start({ size: workers, spawn, logger, onIdle, signal });
  } catch (error) {
    // A graph that cannot run must not be found again.
    if (isIsovecError(error, 'FORMAT_INVALID')) await discardPrepared(prepared);
    throw error;
  }
}

/** What was measured of int8 weights, where that was done. */
async function storedReport({ quantization, bundle }: PreparedModel): Promise<QuantizationReport | undefined> {
  if (quantization === undefined) return undefined;
  const { readQuantizationReport } = await import('./quantize/quantization-report.js');
  return readQuantizationReport(dirname(bundle.graphPath), quantization);
}
