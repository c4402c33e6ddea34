import { createHash } from 'node:crypto';
import { createEmbeddingSpace, type EmbeddingSpace } from '../models/embedding-space.js';
import { readModelRecord } from '../models/model-config/read-model-record.js';
import type { ModelFiles } from '../models/model-files.js';
import type { ModelRecord } from '../models/model-record.js';
import { readTokenizerDefinition } from '../models/tokenizer-definition/read-tokenizer-definition.js';
import type { TokenizerDefinition } from '../models/tokenizer-definition/tokenizer-definition.js';
import { openWeights, type Weights } from '../models/weights.js';
import { verifyWeights } from '../convert/verify-weights.js';
import { BridgeSessions } from '../providers/python/bridge-session.js';
import { WorkerPool } from '../runtime/worker-pool.js';
import { IsovecError } from '../shared/isovec-error.js';
import type { Logger } from '../shared/log.js';
import type { Computation } from './computation.js';

/** Options of {@link bridgeComputation}. */
export interface BridgeComputationOptions {
  readonly python: string;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly backend: 'auto' | 'onnx' | 'torch' | 'echo';
  readonly device: string;
  readonly threads: number | undefined;
  readonly signal: AbortSignal | undefined;
  readonly logger: Logger;
}

/** A child pads nothing and uses all cores for one batch: larger batches than a thread's keep its calls few. */
const TOKEN_BUDGET = 1024;
/** PyTorch alone takes ten seconds and more to be imported from a cold disk. */
const START_MILLISECONDS = 180_000;

/**
 * The model in a Python child. Configuration, tokenizer and weights are read and checked here as for a model in process, so
 * that token ids, prompts and limits are the same, and so is the space.
 */
export async function bridgeComputation(files: ModelFiles, options: BridgeComputationOptions): Promise<Computation> {
  const { python, environment, backend, device, threads, signal, logger } = options;
  const record = await readModelRecord(files);
  const tokenizer = await readTokenizerDefinition(files, record);
  const space = await spaceOf(files, record, tokenizer, backend, signal);
  const { dimensions, maxSequenceLength } = record;
  let sessions: BridgeSessions | undefined;
  return {
    record,
    tokenizer,
    space,
    preparedFolder: undefined,
    sessions: 1,
    sessionThreads: threads ?? 0,
    loneTextThreads: 1,
    tokenBudget: TOKEN_BUDGET,
    startPool: ({ workers, warmUpLengths, onIdle, signal: abort }) => {
      sessions = new BridgeSessions({
        python,
        environment,
        logger,
        folder: files.root,
        backend,
        device,
        threads,
        maxSequenceLength,
        dimensions,
        warmUpLengths,
        startMilliseconds: START_MILLISECONDS,
      });
      return WorkerPool.start({ size: workers, spawn: sessions.spawn, logger, onIdle, signal: abort });
    },
    describe: () => {
      const model = sessions?.model;
      if (model === undefined) throw new IsovecError('INTERNAL', 'The Python bridge has not loaded a model.');
      logger.info('The Python bridge serves the model.', {
        provider: `python/${model.backend}`,
        device: model.device,
        reason: model.reason,
        versions: model.versions,
      });
      return {
        provider: `python/${model.backend}`,
        device: model.device,
        executionProviders: model.executionProviders,
        hiddenSize: model.hiddenSize,
        conversion: undefined,
        quantization: undefined,
        quantizationReport: undefined,
      };
    },
  };
}

/** The same space as in process; that of the echo backend, whose vectors mean nothing, is nobody else's. */
async function spaceOf(
  files: ModelFiles,
  record: ModelRecord,
  tokenizer: TokenizerDefinition,
  backend: string,
  signal: AbortSignal | undefined,
): Promise<EmbeddingSpace> {
  const digest = await weightsDigest(files, record, signal);
  const checkpoint = backend === 'echo' ? createHash('sha256').update(`echo ${digest}`).digest('hex') : digest;
  return createEmbeddingSpace(record, tokenizer, checkpoint);
}

/** SHA-256 over all weights as the converter takes it; a value that is not finite is FORMAT_INVALID. */
async function weightsDigest(files: ModelFiles, record: ModelRecord, signal: AbortSignal | undefined): Promise<string> {
  const opened: Weights[] = [];
  try {
    const paths = record.pipeline.flatMap((module) => ('path' in module ? [module.path] : []));
    for (const path of [record.transformerPath, ...paths]) opened.push(await openWeights(files, path));
    const all = opened.flatMap(({ tensors }) => [...tensors.values()]);
    return await verifyWeights(opened, new Set(all), signal);
  } finally {
    await Promise.all(opened.map((weights) => weights.close()));
  }
}
