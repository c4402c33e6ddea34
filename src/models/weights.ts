import { parseShardIndex, type ShardIndex } from '../formats/safetensors/parse-shard-index.js';
import { readSafetensorsHeader } from '../formats/safetensors/read-safetensors-header.js';
import type { TensorInfo } from '../formats/safetensors/tensor-info.js';
import { IsovecError } from '../shared/isovec-error.js';
import { FileSource } from './file-source.js';
import { insideFolder } from './model-config/module-path.js';
import { readModelFile } from './model-config/read-config-file.js';
import type { ModelFile, ModelFiles } from './model-files.js';

/** One tensor of a checkpoint; its bytes stay on the disk until they are read. */
export interface WeightTensor extends TensorInfo {
  readonly file: ModelFile;
  /** All bytes, little-endian and row-major, in a buffer of their own. CLOSED after close. */
  read(): Promise<Uint8Array>;
  /** The bytes in order, at most `size` at a time and in whole elements. */
  chunks(size: number): AsyncIterable<Uint8Array>;
}

/** The tensors of one module's weight files, with the files open. */
export interface Weights extends AsyncDisposable {
  readonly tensors: ReadonlyMap<string, WeightTensor>;
  /** Idempotent. */
  close(): Promise<void>;
}

/** An index lists names, not data; the largest published one holds a few hundred kilobytes (CWE-400). */
const MAX_INDEX_BYTES = 64 * 1024 * 1024;

/** Chunks end at multiples of this, the largest element, so that none is split. */
const LARGEST_ELEMENT = 8;

/** Weight files of other frameworks; those of PyTorch are pickles, which run code when they are read (CWE-502). */
const OTHER_WEIGHTS = /^(?:pytorch_model.*\.bin|.+\.(?:bin|pt|pth|ckpt|pkl|h5|msgpack))$/;

/**
 * Opens `model.safetensors`, or the shards of `model.safetensors.index.json`, in a folder of the model ('' for the
 * root). Only headers are read. MODEL_FILE_MISSING (no weights, a missing shard), FORMAT_INVALID (a broken header or
 * index, only pickles, a tensor that its shard lacks or that two shards hold); nothing stays open then.
 */
export async function openWeights(files: ModelFiles, folder: string): Promise<Weights> {
  const single = files.files.get(insideFolder(folder, 'model.safetensors'));
  if (single !== undefined) return openFiles([single]);
  const indexName = insideFolder(folder, 'model.safetensors.index.json');
  const indexBytes = await readModelFile(files, indexName, MAX_INDEX_BYTES);
  if (indexBytes === undefined) throw noWeights(files, folder);
  const index = parseShardIndex(indexBytes, indexName);
  const shards = index.shards.map((shard) => {
    const file = files.files.get(insideFolder(folder, shard));
    if (file !== undefined) return file;
    throw new IsovecError(
      'MODEL_FILE_MISSING',
      `${shard} is missing, which ${indexName} names. Fetch the model again.`,
      {
        data: { file: insideFolder(folder, shard) },
      },
    );
  });
  const weights = await openFiles(shards);
  try {
    checkIndex(index, indexName, folder, weights.tensors);
  } catch (error) {
    await weights.close();
    throw error;
  }
  return weights;
}

async function openFiles(files: readonly ModelFile[]): Promise<Weights> {
  const sources: FileSource[] = [];
  const close = async (): Promise<void> => {
    await Promise.all(sources.map((source) => source.close()));
  };
  const tensors = new Map<string, WeightTensor>();
  try {
    for (const file of files) {
      const source = await FileSource.open(file);
      sources.push(source);
      const header = await readSafetensorsHeader(source);
      for (const info of header.tensors.values()) {
        const known = tensors.get(info.name);
        if (known !== undefined) {
          throw new IsovecError(
            'FORMAT_INVALID',
            `${file.name}: tensor ${info.name} is also in ${known.file.name}; a tensor must be in one shard only.`,
            { data: { file: file.name, tensor: info.name } },
          );
        }
        tensors.set(info.name, weightTensor(info, file, source));
      }
    }
  } catch (error) {
    await close();
    throw error;
  }
  return { tensors, close, [Symbol.asyncDispose]: close };
}

function weightTensor(info: TensorInfo, file: ModelFile, source: FileSource): WeightTensor {
  return {
    ...info,
    file,
    read: () => source.read(info.begin, info.end),
    async *chunks(size) {
      const step = Math.max(LARGEST_ELEMENT, size - (size % LARGEST_ELEMENT));
      const readAt = (begin: number): Promise<Uint8Array> => source.read(begin, Math.min(begin + step, info.end));
      let next = info.begin < info.end ? readAt(info.begin) : undefined;
      for (let begin = info.begin + step; next !== undefined; begin += step) {
        const chunk = await next;
        // The next chunk is read while the caller works on this one.
        next = begin < info.end ? readAt(begin) : undefined;
        next?.catch(() => undefined);
        yield chunk;
      }
    },
  };
}

/** Every tensor must be in the shard that the index names; a shard may hold more. */
function checkIndex(
  { weightMap }: ShardIndex,
  indexName: string,
  folder: string,
  tensors: ReadonlyMap<string, WeightTensor>,
): void {
  for (const [name, shard] of weightMap) {
    if (tensors.get(name)?.file.name === insideFolder(folder, shard)) continue;
    throw new IsovecError(
      'FORMAT_INVALID',
      `${indexName}: weight_map puts tensor ${name} into ${shard}, which lacks it.`,
      {
        data: { file: indexName, tensor: name },
      },
    );
  }
}

function noWeights(files: ModelFiles, folder: string): IsovecError {
  const prefix = insideFolder(folder, '');
  const others = [...files.files.keys()].filter(
    (name) => name.startsWith(prefix) && OTHER_WEIGHTS.test(name.slice(prefix.length)),
  );
  // Optimizer states and training arguments may lie beside the weights.
  const other = others.find((name) => name.slice(prefix.length).startsWith('pytorch_model')) ?? others[0];
  const wanted = insideFolder(folder, 'model.safetensors');
  if (other === undefined) {
    return new IsovecError('MODEL_FILE_MISSING', `${wanted} is missing from ${files.id}.`, { data: { file: wanted } });
  }
  return new IsovecError(
    'FORMAT_INVALID',
    `${other} is the only weight file, and not safetensors: pickles can run code when they are read, so isovec does ` +
      `not. Convert the model to safetensors, or use a revision that has ${wanted}.`,
    { data: { file: other } },
  );
}
