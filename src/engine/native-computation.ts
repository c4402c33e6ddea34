import { dirname } from 'node:path';
import type { ModelFiles } from '../models/model-files.js';
import { sessionThreads } from '../runtime/sessions/nursery.js';
import { WorkerPool } from '../runtime/worker-pool.js';
import { isIsovecError } from '../shared/isovec-error.js';
import type { Computation, StartOptions } from './computation.js';
import { discardPrepared, type Int8Request, type PreparedModel, prepareModel } from './prepare-model.js';
import type { QuantizationReport } from './quantize/quantization-report.js';
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
  return {
    record: prepared.record,
    tokenizer: prepared.tokenizer,
    space: prepared.space,
    preparedFolder: dirname(bundle.graphPath),
    sessions: threads,
    sessionThreads: 1,
    loneTextThreads: options.loneTextThreads ?? Math.min(threads, MOST_LONE_TEXT_THREADS),
    tokenBudget: TOKEN_BUDGET,
    startPool: (start) => startThreads(prepared, start),
    describe: () => ({
      provider: 'onnx',
      device: 'cpu',
      executionProviders: ['CPUExecutionProvider'],
      hiddenSize: bundle.hiddenSize,
      conversion,
      quantization,
      quantizationReport,
    }),
  };
}

/** Starts sessions of a prepared model on threads; a graph that cannot run is discarded. */
export async function startThreads(prepared: PreparedModel, options: StartOptions): Promise<WorkerPool> {
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
