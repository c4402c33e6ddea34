import type { ModelFiles } from '../models/model-files.js';
import type { BridgeModel } from '../providers/python/bridge-answers.js';
import { type BridgePlan, BridgeSessions } from '../providers/python/bridge-session.js';
import { BridgeTokenizer } from '../providers/python/bridge-tokenizer.js';
import type { ExecutionProvider } from '../runtime/sessions/execution-provider.js';
import { WorkerPool } from '../runtime/worker-pool.js';
import { IsovecError } from '../shared/isovec-error.js';
import type { Logger } from '../shared/log.js';
import { describedByBridge, readForBridge } from './bridge-model.js';
import type { Computation, ComputationInfo, StartedComputation, StartOptions } from './computation.js';
import { trustDevice } from './trust-device.js';

/** Options of {@link bridgeComputation}. */
export interface BridgeComputationOptions {
  readonly python: string;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly backend: 'auto' | 'onnx' | 'torch' | 'echo';
  /** Absolute path of what the child loads. */
  readonly folder: string;
  readonly device: string;
  readonly executionProviders: readonly ExecutionProvider[];
  /** Threads of the child; undefined leaves them to it. */
  readonly threads: number | undefined;
}

/** A child pads nothing and uses all cores for one batch: larger batches than a thread's keep its calls few. */
const TOKEN_BUDGET = 1024;
/** The wire has code of its own, in both processes, that the first requests find cold. */
const REHEARSALS = 8;
/** PyTorch alone takes ten seconds and more to be imported from a cold disk. */
const START_MILLISECONDS = 180_000;

/** The model in a Python child, which is started again when it ends. */
export function bridgeComputation(files: ModelFiles, options: BridgeComputationOptions): Computation {
  return {
    preparedFolder: options.folder === files.root ? undefined : options.folder,
    python: options.python,
    sessions: 1,
    loneTextThreads: 1,
    rehearsals: REHEARSALS,
    tokenBudget: TOKEN_BUDGET,
    start: (start) => startBridge(files, options, start),
    startWide: () => Promise.reject(new IsovecError('INTERNAL', 'A Python child has no session for lone texts.')),
  };
}

async function startBridge(
  files: ModelFiles,
  options: BridgeComputationOptions,
  start: StartOptions,
): Promise<StartedComputation> {
  const { backend } = options;
  const { logger, signal } = start;
  const begun = performance.now();
  const read = await readForBridge(files, backend, signal);
  const tokenizerRead = performance.now();
  const { sessions, pool } = await startSessions(options, read?.record, start);
  try {
    const { model } = sessions;
    if (model === undefined) throw new IsovecError('INTERNAL', 'The Python bridge has loaded no model.');
    const { tokenizer, ...known } = read ?? {
      ...(await describedByBridge(files, model)),
      tokenizer: new BridgeTokenizer(model, sessions.call),
    };
    if (model.device !== 'cpu') {
      // Of the device, what can be compared: the same backend on the processor, which is closed afterwards.
      const cpu = { ...options, backend: model.backend as typeof backend, device: 'cpu', executionProviders: [] };
      const startReference = async (): Promise<WorkerPool> =>
        (await startSessions(cpu, read?.record, { ...start, onIdle: () => undefined })).pool;
      await trustDevice({ device: model.device, tokenizer, pool, startReference, logger });
    }
    return {
      ...known,
      tokenizer,
      pool,
      hiddenSize: model.hiddenSize,
      info: infoOf(model, logger),
      milliseconds: { tokenizer: tokenizerRead - begun, sessions: performance.now() - tokenizerRead },
    };
  } catch (error) {
    await pool.close();
    throw error;
  }
}

interface StartedSessions {
  readonly sessions: BridgeSessions;
  readonly pool: WorkerPool;
}

async function startSessions(
  options: BridgeComputationOptions,
  expected: BridgePlan['expected'],
  { warmUpLengths, logger, onIdle, signal }: StartOptions,
): Promise<StartedSessions> {
  const plan = { ...options, logger, expected, warmUpLengths, startMilliseconds: START_MILLISECONDS };
  const sessions = new BridgeSessions(plan);
  const pool = await WorkerPool.start({ size: 1, persistent: true, spawn: sessions.spawn, logger, onIdle, signal });
  return { sessions, pool };
}

function infoOf(
  { backend, device, reason, versions, executionProviders }: BridgeModel,
  logger: Logger,
): ComputationInfo {
  logger.info(`provider: python/${backend} (${device}): ${reason}`, { versions });
  return {
    provider: `python/${backend}`,
    device,
    executionProviders,
    conversion: undefined,
    quantization: undefined,
    quantizationReport: undefined,
  };
}
