import { mkdir, readdir } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { encodeOnnxModel } from '../formats/onnx/encode-onnx-model.js';
import { writeNewFile } from '../models/cache/durable-files.js';
import { storageError } from '../models/cache/storage-error.js';
import type { ModelFiles } from '../models/model-files.js';
import type { ModelRecord } from '../models/model-record.js';
import { throwIfAborted } from '../shared/abort.js';
import { IsovecError, systemErrorCode } from '../shared/isovec-error.js';
import { type Checkpoint, openCheckpoint } from './checkpoint.js';
import { DataFilePlan } from './data-file-plan.js';
import { copyConfiguration, type WrittenFile, writePortableFolder } from './portable-folder.js';
import type { GraphEncoder } from './native-graph.js';
import { buildPortableGraph, DEFAULT_PORTABLE_OPSET, type PortablePlacement } from './portable-graph.js';
import type { QuantizedEncoder } from './quantize/quantized-encoder.js';
import { verifyWeights } from './verify-weights.js';

/** Largest model that is written as one file: protobuf refuses 2 GiB, and the graph itself needs room. */
const SINGLE_FILE_LIMIT = 2 ** 31 - 2 ** 26;

/** Names that transformers.js looks for: `dtype: 'fp32'` and `dtype: 'q8'`. */
const FLOAT_GRAPH = 'model.onnx';
const INT8_GRAPH = 'model_quantized.onnx';

/** Options of {@link convertToPortable}. */
export interface PortableOptions {
  /** Folder to write; it must not exist, or be empty, unless `overwrite` is set. */
  readonly out: string;
  /** Replaces the folder if it exists. */
  readonly overwrite?: boolean;
  /** ONNX operator set, 18 to 26; 18 by default. */
  readonly opset?: number;
  /** Keeps the weights in a file named like the graph, ending in `_data`; needed, and then the default, beyond 2 GiB. */
  readonly externalData?: boolean;
  /**
   * Makes the encoder int8; the weights are checked before it is called. The graph is then `onnx/model_quantized.onnx`
   * rather than `onnx/model.onnx`.
   */
  readonly quantize?: (checkpoint: Checkpoint) => Promise<QuantizedEncoder>;
  /** The tokenizer.json to write: the published one may not be what the model was used with. */
  readonly tokenizer: string;
  readonly signal?: AbortSignal;
}

/** What was written. */
export interface PortableConversion {
  readonly folder: string;
  /** Path of the graph below the folder. */
  readonly graph: string;
  /** Paths below the folder with their sizes in bytes. */
  readonly files: readonly WrittenFile[];
  readonly opset: number;
  readonly unusedTensors: readonly string[];
}

/**
 * Writes a portable ONNX folder: a graph in `onnx/` with the configuration, the tokenizer and the weights of the steps
 * after the transformer beside it, as transformers.js and sentence-transformers' own ONNX backend read it. The folder
 * appears complete or not at all. Throws as `convertToNative` does, and CONFIG_INVALID (an option), STORAGE_FULL or
 * SOURCE_FORBIDDEN (the folder), ABORTED.
 */
export async function convertToPortable(
  files: ModelFiles,
  record: ModelRecord,
  options: PortableOptions,
): Promise<PortableConversion> {
  const opset = options.opset ?? DEFAULT_PORTABLE_OPSET;
  await assertWritable(options);
  const checkpoint = await openCheckpoint(files, record);
  try {
    await verifyWeights(checkpoint.weights, checkpoint.used, options.signal);
    const graphFile = options.quantize === undefined ? FLOAT_GRAPH : INT8_GRAPH;
    const dataFile = `${graphFile}_data`;
    const plan = new DataFilePlan(dataFile);
    const source: GraphEncoder =
      options.quantize === undefined
        ? { dtype: 'float32', encoder: checkpoint.encoder }
        : { dtype: 'int8', encoder: await options.quantize(checkpoint) };
    const place: PortablePlacement = {
      floats: (matrix, transposed) => plan.place(matrix, transposed),
      bytes: (name, values) => plan.placeBytes(name, values),
    };
    const model = buildPortableGraph(source, checkpoint.modules, place, opset);
    throwIfAborted(options.signal);
    const external = options.externalData ?? plan.size > SINGLE_FILE_LIMIT;
    if (!external && plan.size > SINGLE_FILE_LIMIT) {
      throw new IsovecError('CONFIG_INVALID', 'A model beyond 2 GiB needs external data: leave externalData out.');
    }
    const bytes = encodeOnnxModel(external ? model : await plan.inline(model));
    const out = resolve(options.out);
    const written = await writePortableFolder(out, options.overwrite === true, async (folder) => {
      await copyConfiguration(files, record, folder);
      const transformer = join(folder, record.transformerPath);
      const onnx = join(transformer, 'onnx');
      await mkdir(onnx, { recursive: true });
      if (external) await plan.write(join(onnx, dataFile), options.signal);
      await writeNewFile(join(onnx, graphFile), bytes);
      await writeNewFile(join(transformer, 'tokenizer.json'), options.tokenizer);
    });
    const graph = [record.transformerPath, 'onnx', graphFile].filter(Boolean).join('/');
    return { folder: out, graph, files: written, opset, unusedTensors: checkpoint.unused };
  } finally {
    await checkpoint.close();
  }
}

async function assertWritable({ out, overwrite }: PortableOptions): Promise<void> {
  const entries = await readdir(out).catch((error: unknown) => {
    if (systemErrorCode(error) === 'ENOENT') return [];
    if (systemErrorCode(error) !== 'ENOTDIR') throw storageError(error, out, 'output');
    throw new IsovecError('CONFIG_INVALID', `${out} cannot be used as an output folder: it is not a folder.`, {
      cause: error,
    });
  });
  if (entries.length > 0 && overwrite !== true) {
    throw new IsovecError(
      'CONFIG_INVALID',
      `${out} exists and is not empty; choose another folder, or overwrite it (--force).`,
    );
  }
}
