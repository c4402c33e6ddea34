import { dirname, relative, sep } from 'node:path';
import { encodeOnnxModel } from '../formats/onnx/encode-onnx-model.js';
import type { ModelFile, ModelFiles } from '../models/model-files.js';
import type { ModelRecord } from '../models/model-record.js';
import type { NativeBundle } from '../models/native-bundle.js';
import { openCheckpoint } from './checkpoint.js';
import { DataFilePlan } from './data-file-plan.js';
import type { MatrixParameter } from './encoder-parameters.js';
import { vectorWidth } from './graph/after-transformer.js';
import { buildNativeGraph, type MatrixPlacement } from './native-graph.js';
import { verifyWeights } from './verify-weights.js';

/** Name of the float32 data file of a checkpoint that is stored in another type. */
const CONVERTED_WEIGHTS = 'weights.f32';

/** What a conversion did, for the user to read. */
export interface ConversionReport {
  readonly modelType: string;
  /** Bytes of the graph file. */
  readonly graphBytes: number;
  /** Bytes of weights that the graph uses where they were published. */
  readonly weightBytesInPlace: number;
  /** Bytes of float32 weights written because the published type cannot be used in place. */
  readonly weightBytesConverted: number;
  /** Element types of the published weights. */
  readonly dtypes: readonly string[];
  /** Tensors in the checkpoint that the graph does not use. */
  readonly unusedTensors: readonly string[];
  /** Milliseconds for reading and checking every weight. */
  readonly verifyMilliseconds: number;
  /** Milliseconds for reading parameters and writing the graph. */
  readonly graphMilliseconds: number;
}

/** A native graph and where its weights are. */
export interface NativeConversion {
  /** The serialised graph. */
  readonly graph: Uint8Array;
  /** Absolute folder that the graph's external data is relative to; undefined if it is the graph's own. */
  readonly dataFolder: string | undefined;
  /** SHA-256 over the published weights. */
  readonly checkpointDigest: string;
  /** What a session must know of the graph. */
  readonly shape: Pick<NativeBundle, 'hiddenSize' | 'dimensions' | 'poolingModes' | 'includePrompt'>;
  readonly report: ConversionReport;
  /** Writes {@link CONVERTED_WEIGHTS} into a folder, where the checkpoint needs it. */
  writeData(folder: string, signal?: AbortSignal): Promise<void>;
  close(): Promise<void>;
}

/**
 * Checks a checkpoint and writes its native graph. float32 weights are used where they lie; those of another type are
 * planned into one float32 file, because the engine's CPU kernels compute in float32.
 */
export async function convertToNative(
  files: ModelFiles,
  record: ModelRecord,
  signal?: AbortSignal,
): Promise<NativeConversion> {
  const started = performance.now();
  const checkpoint = await openCheckpoint(files, record);
  try {
    const opened = performance.now();
    const used = [...checkpoint.used];
    const dtypes = [...new Set(used.map((tensor) => tensor.dtype))].sort();
    const inPlace = dtypes.length === 1 && dtypes[0] === 'F32';
    const plan = inPlace ? undefined : new DataFilePlan(CONVERTED_WEIGHTS);
    const dataFolder = inPlace ? commonFolder(used.map((tensor) => tensor.file)) : undefined;
    let bytesInPlace = 0;
    const place: MatrixPlacement = (matrix) => {
      if (plan !== undefined) return plan.place(matrix, false);
      bytesInPlace += matrix.tensor.end - matrix.tensor.begin;
      return placeInFile(matrix, dataFolder ?? '');
    };
    const pooling = checkpoint.modules.find((module) => module.kind === 'pooling');
    const model = buildNativeGraph(checkpoint.encoder, checkpoint.modules, record.maxSequenceLength, place);
    const graph = encodeOnnxModel(model);
    const built = performance.now();
    const checkpointDigest = await verifyWeights(checkpoint.weights, checkpoint.used, signal);
    return {
      graph,
      dataFolder,
      checkpointDigest,
      shape: {
        hiddenSize: checkpoint.encoder.shape.hiddenSize,
        dimensions: vectorWidth(checkpoint.encoder.shape.hiddenSize, checkpoint.modules),
        poolingModes: pooling?.modes ?? [],
        includePrompt: pooling?.includePrompt ?? true,
      },
      report: {
        modelType: record.modelType,
        graphBytes: graph.byteLength,
        weightBytesInPlace: bytesInPlace,
        weightBytesConverted: plan?.size ?? 0,
        dtypes,
        unusedTensors: checkpoint.unused,
        verifyMilliseconds: opened - started + (performance.now() - built),
        graphMilliseconds: built - opened,
      },
      writeData: async (folder, writeSignal) => {
        await plan?.write(`${folder}${sep}${CONVERTED_WEIGHTS}`, writeSignal);
      },
      close: () => checkpoint.close(),
    };
  } catch (error) {
    await checkpoint.close();
    throw error;
  }
}

function placeInFile({ tensor }: MatrixParameter, dataFolder: string): ReturnType<MatrixPlacement> {
  const location = relative(dataFolder, tensor.file.path).split(sep).join('/');
  return { kind: 'external', location, offset: tensor.begin, length: tensor.end - tensor.begin };
}

/** Deepest folder that holds all files: the engine refuses external data outside one folder. */
function commonFolder(files: readonly ModelFile[]): string {
  const folders = files.map((file) => dirname(file.path).split(sep));
  const [first = []] = folders;
  let depth = 0;
  while (depth < first.length && folders.every((folder) => folder[depth] === first[depth])) depth++;
  return first.slice(0, depth).join(sep) || sep;
}
