import { createHash } from 'node:crypto';
import { verifyWeights } from '../convert/verify-weights.js';
import { digestFile } from '../models/cache/content-digest.js';
import { createEmbeddingSpace, type EmbeddingSpace } from '../models/embedding-space.js';
import { readModelRecord } from '../models/model-config/read-model-record.js';
import type { ModelFile, ModelFiles } from '../models/model-files.js';
import type { ModelRecord, PoolingMode, SimilarityName } from '../models/model-record.js';
import { readTokenizerDefinition } from '../models/tokenizer-definition/read-tokenizer-definition.js';
import { openWeights, type Weights } from '../models/weights.js';
import type { BridgeModel } from '../providers/python/bridge-answers.js';
import { TextTokenizer, type Tokenizer } from '../runtime/tokenizer.js';
import { isIsovecError } from '../shared/isovec-error.js';

/** A model that a child runs, and what its files say. */
export interface ReadBridgeModel {
  readonly record: ModelRecord;
  readonly space: EmbeddingSpace;
  readonly tokenizer: Tokenizer;
}

/**
 * Reads the files of a model as for this process, so that token ids, prompts, limits and the space are the same wherever it
 * runs; undefined where they are of a kind that only Python can read. The vectors of the echo backend mean nothing: their
 * space is nobody else's.
 */
export async function readForBridge(
  files: ModelFiles,
  backend: string,
  signal: AbortSignal | undefined,
): Promise<ReadBridgeModel | undefined> {
  try {
    const record = await readModelRecord(files);
    const definition = await readTokenizerDefinition(files, record);
    const tokenizer = await TextTokenizer.load(definition, record.maxSequenceLength);
    const digest = await weightsDigest(files, record, signal);
    return { record, tokenizer, space: createEmbeddingSpace(record, definition, marked(digest, backend)) };
  } catch (error) {
    if (isIsovecError(error, 'ARCHITECTURE_UNSUPPORTED')) return undefined;
    throw error;
  }
}

/**
 * A model as the child has read it. Its space is made of the digests of all of its files, so that it is never that of a model
 * which this process reads itself.
 */
export async function describedByBridge(
  files: ModelFiles,
  model: BridgeModel,
): Promise<Pick<ReadBridgeModel, 'record' | 'space'>> {
  const hash = createHash('sha256');
  for (const { name, path, size } of [...files.files.values()].sort(byName)) {
    hash.update(`${name} ${(await digestFile(path, { size })).sha256}\n`);
  }
  const checkpoint = marked(hash.digest('hex'), model.backend);
  const record: ModelRecord = {
    id: files.id,
    revision: files.revision,
    transformerPath: '',
    modelType: 'read by Python',
    transformerConfig: {},
    maxSequenceLength: model.maxSequenceLength,
    pipeline: [
      { kind: 'pooling', modes: model.pooling as readonly PoolingMode[], includePrompt: model.includePrompt },
      ...(model.normalizes ? [{ kind: 'normalize' } as const] : []),
    ],
    dimensions: model.dimensions,
    truncateDimension: model.truncateDimension,
    prompts: model.prompts,
    defaultPromptName: model.defaultPromptName,
    similarity: model.similarity as SimilarityName,
  };
  const definition = { json: '', truncationSide: 'right', feedsTokenTypeIds: false } as const;
  return { record, space: createEmbeddingSpace(record, definition, checkpoint) };
}

function byName(left: ModelFile, right: ModelFile): number {
  return left.name < right.name ? -1 : 1;
}

function marked(digest: string, backend: string): string {
  return backend === 'echo' ? createHash('sha256').update(`echo ${digest}`).digest('hex') : digest;
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
