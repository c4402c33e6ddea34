import { mkdir, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { CacheLayout } from '../models/cache/cache-layout.js';
import { digestFile } from '../models/cache/content-digest.js';
import { writeNewFile } from '../models/cache/durable-files.js';
import { removeLeftovers } from '../models/cache/leftovers.js';
import {
  type PreparedSource,
  preparedKey,
  preparedSource,
  SOURCE_FILE,
  stampOf,
} from '../models/cache/prepared-source.js';
import { publishFolder } from '../models/cache/publish-folder.js';
import { withStorageErrors } from '../models/cache/storage-error.js';
import type { ModelFiles } from '../models/model-files.js';
import type { NativeBundle } from '../models/native-bundle.js';
import { TextTokenizer } from '../runtime/tokenizer.js';
import type { Logger } from '../shared/log.js';
import type { ProgressListener } from '../shared/progress.js';
import { carriedModel } from './carried-model.js';
import {
  DIGEST_FILE,
  digestOf,
  GRAPH_FILE,
  PREPARED_FILE,
  type PreparedModel,
  QUANTIZED_WEIGHTS,
  readPrepared,
  type StoredModel,
  TOKENIZER_FILE,
} from './prepared-folder.js';
import { type ChosenQuantization, type Quantization, quantizationKey } from './quantize/quantization.js';
import type { Quantizer } from './read-model.js';

/** That a model is wanted in int8. */
export interface Int8Request {
  readonly chosen: ChosenQuantization;
  /** Whether weights that are there are made again. */
  readonly anew?: boolean;
  readonly onProgress: ProgressListener | undefined;
  readonly logger: Logger;
}

/**
 * Finds or makes the prepared form of a model. It lies in the cache under a key made of each file's name, size, inode
 * and times of change: the same files give the same folder, a changed file gives another. A folder appears complete or
 * not at all, so a kill at any moment and several processes at once are harmless; a damaged one is made again.
 *
 * An int8 model has a folder of its own, with its weights; as they take long to make, other processes wait for the one
 * that makes them. A model that carries its prepared form is used as it is, and nothing is written.
 */
export async function prepareModel(
  files: ModelFiles,
  cacheRoot: string,
  signal: AbortSignal | undefined,
  int8?: Int8Request,
): Promise<PreparedModel> {
  const carried = await carriedModel(files, int8?.chosen.quantization);
  if (carried !== undefined) return carried;
  const layout = new CacheLayout(cacheRoot);
  const source = await preparedSource(files, int8 && quantizationKey(int8.chosen.quantization));
  const key = preparedKey(source);
  const folder = layout.prepared(key);
  const anew = int8?.anew === true;
  const found = anew ? undefined : await readPrepared(folder);
  if (found !== undefined) return found;
  if (int8 === undefined) return makePrepared(files, source, layout, signal);
  const { withFileLock } = await import('../models/cache/file-lock.js');
  const make = async (): Promise<PreparedModel> =>
    (anew ? undefined : await readPrepared(folder)) ?? (await makePrepared(files, source, layout, signal, int8));
  return withStorageErrors(layout.root, () =>
    withFileLock(layout.lock(`prepared-${key}`), { signal, logger: int8.logger }, make),
  );
}

/** Removes a prepared model that turned out not to run, unless the cache is read-only: why it does not run matters more. */
export async function discardPrepared({ bundle }: PreparedModel): Promise<void> {
  await rm(dirname(bundle.graphPath), { recursive: true, force: true }).catch(() => undefined);
}

async function makePrepared(
  files: ModelFiles,
  source: PreparedSource,
  layout: CacheLayout,
  signal: AbortSignal | undefined,
  int8?: Int8Request,
): Promise<PreparedModel> {
  const folder = layout.prepared(preparedKey(source));
  // The parsers and the protobuf library are loaded only when there is something to prepare.
  const { readModel } = await import('./read-model.js');
  const { record, tokenizer, conversion, space } = await readModel(
    files,
    signal,
    int8 && (await quantizerOf(files, int8, signal)),
  );
  try {
    // What the tokenizer library refuses must not be kept.
    await TextTokenizer.load(tokenizer, record.maxSequenceLength);
    const bundle: NativeBundle = {
      graphPath: join(folder, GRAPH_FILE),
      dataFolder: conversion.dataFolder ?? folder,
      ...conversion.shape,
      maxSequenceLength: record.maxSequenceLength,
    };
    const { json, ...rest } = tokenizer;
    const float32: StoredModel = { record, tokenizer: rest, space, bundle, conversion: conversion.report };
    return await withStorageErrors(layout.root, async () => {
      const temporary = layout.temporaryFolder();
      try {
        await removeLeftovers(layout);
        await mkdir(temporary, { recursive: true });
        await mkdir(dirname(folder), { recursive: true });
        await conversion.writeData(temporary, signal);
        const stored: StoredModel =
          int8 === undefined
            ? float32
            : { ...float32, ...(await describeWeights(temporary, int8.chosen.quantization)) };
        const contents: [string, Buffer][] = [
          [PREPARED_FILE, Buffer.from(JSON.stringify(stored))],
          [TOKENIZER_FILE, Buffer.from(json)],
          [GRAPH_FILE, Buffer.from(conversion.graph)],
        ];
        for (const [name, content] of contents) await writeNewFile(join(temporary, name), content);
        await writeNewFile(join(temporary, DIGEST_FILE), digestOf(contents.map(([, content]) => content)));
        await writeNewFile(join(temporary, SOURCE_FILE), JSON.stringify(source));
        // Another process may have made the same folder first.
        const keep = async (): Promise<boolean> => int8?.anew !== true && (await readPrepared(folder)) !== undefined;
        await publishFolder(temporary, folder, { aside: layout.temporaryFolder(), keep });
        return { ...stored, tokenizer };
      } finally {
        await rm(temporary, { recursive: true, force: true });
      }
    });
  } finally {
    await conversion.close();
  }
}

/** What makes a checkpoint int8; what it does, and what the processor makes of it, is told first. */
async function quantizerOf(
  files: ModelFiles,
  { chosen, onProgress, logger }: Int8Request,
  signal: AbortSignal | undefined,
): Promise<Quantizer> {
  const { quantizeCheckpoint } = await import('./quantize/quantize-checkpoint.js');
  const { quantization, products } = chosen;
  logger.info(`Making the weights of ${files.id} int8; the result is kept in the cache.`, { ...quantization });
  if (products !== undefined && products !== 'exact') {
    const processor =
      products === 'saturating' ? 'This processor has no VNNI' : 'It is not known whether this processor has VNNI';
    logger.info(`${processor}, so weights get ${quantization.weightBits} bits instead of 8: vectors are less exact.`);
  }
  return (checkpoint, read) => quantizeCheckpoint(checkpoint, { files, ...read }, chosen, { signal, onProgress });
}

async function describeWeights(
  folder: string,
  quantization: Quantization,
): Promise<Required<Pick<StoredModel, 'quantization' | 'weightsStamp'>>> {
  const file = join(folder, QUANTIZED_WEIGHTS);
  const { size, sha256 } = await digestFile(file, { size: (await stat(file)).size });
  return {
    quantization: { ...quantization, weightsBytes: size, weightsDigest: sha256 },
    weightsStamp: await stampOf(file),
  };
}
