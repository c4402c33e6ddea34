import { dirname } from 'node:path';
import type { ModelFiles } from '../models/model-files.js';
import { sessionThreads } from '../runtime/sessions/nursery.js';
import { TextTokenizer } from '../runtime/tokenizer.js';
import { WorkerPool } from '../runtime/worker-pool.js';
import { isIsovecError } from '../shared/isovec-error.js';
import type { Computation, StartOptions } from './computation.js';
import { discardPrepared, type Int8Request, type PreparedModel, prepareModel } from './prepare-model.js';
import type { QuantizationReport } from './quantize/quantization-report.js';
import { startParts } from './start-parts.js';
import { usableCores } from './usable-cores.js';

/** Options of {@link nativeComputation}. */
export interface NativeComputationOptions {
  readonly cacheRoot: string;
  readonly int8: Int8Request | undefined;
  readonly threads: number | undefined;
  readonly loneTextThreads: number | undefined;
  readonly signal: AbortSignal | undefined;
}

/** Throughput saturates at 128 to 512 tokens per run and falls beyond, when activations leave the cache. */
const TOKEN_BUDGET = 256;
/** Beyond a few threads the parts of one text's work are too small to be worth waiting for each other. */
const MOST_LONE_TEXT_THREADS = 4;

/** The model in this process: its graph, written if that has not been done, in sessions of one thread each. */
export async function nativeComputation(files: ModelFiles, options: NativeComputationOptions): Promise<Computation> {
  const { cacheRoot, int8, signal } = options;
  const prepared = await prepareModel(files, cacheRoot, signal, int8);
  const quantizationReport = await storedReport(prepared);
  const threads = options.threads ?? (await usableCores());
  const { bundle, conversion, quantization } = prepared;
  const loneTextThreads = options.loneTextThreads ?? Math.min(threads, MOST_LONE_TEXT_THREADS);
  return {
    preparedFolder: dirname(bundle.graphPath),
    python: undefined,
    sessions: threads,
    loneTextThreads,
    tokenBudget: TOKEN_BUDGET,
    start: async (start) => {
      const { record, space, tokenizer } = prepared;
      const parts = await startParts(
        () => startThreads(prepared, { ...start, workers: threads, sessionThreads: 1 }),
        () => TextTokenizer.load(tokenizer, record.maxSequenceLength),
      );
      const info = {
        provider: 'onnx',
        device: 'cpu',
        executionProviders: ['CPUExecutionProvider'],
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
}

/** Starts sessions of a prepared model on threads; a graph that cannot run is discarded. */
export async function startThreads(prepared: PreparedModel, options: ThreadOptions): Promise<WorkerPool> {
  const { workers, sessionThreads: threads, warmUpLengths, logger, signal, onIdle } = options;
  const spawn = sessionThreads({ bundle: prepared.bundle, threads, warmUpLengths });
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
