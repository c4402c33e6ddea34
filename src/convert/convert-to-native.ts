import { dirname, relative, sep } from 'node:path';
import { encodeOnnxModel } from '../formats/onnx/encode-onnx-model.js';
import type { OnnxTensorData } from '../formats/onnx/onnx-model.js';
import type { ModelFile, ModelFiles } from '../models/model-files.js';
import type { ModelRecord } from '../models/model-record.js';
import type { NativeBundle } from '../models/native-bundle.js';
import { IsovecError } from '../shared/isovec-error.js';
import { type Checkpoint, openCheckpoint } from './checkpoint.js';
import { DataFilePlan } from './data-file-plan.js';
import type { MatrixParameter } from './encoder-parameters.js';
import { vectorWidth } from './graph/after-transformer.js';
import { buildNativeGraph, type GraphEncoder, type NativePlacement } from './native-graph.js';
import type { QuantizedEncoder } from './quantize/quantized-encoder.js';
import { verifyWeights } from './verify-weights.js';

/** Name of the float32 data file of a checkpoint that is stored in another type. */
const CONVERTED_WEIGHTS = 'weights.f32';
/** Name of the data file of an int8 graph. */
const QUANTIZED_WEIGHTS = 'weights.i8';

/** What a conversion did, for the user to read. */
export interface ConversionReport {
  readonly modelType: string;
  /** Bytes of the graph file. */
  readonly graphBytes: number;
  /** Bytes of weights that the graph uses where they were published. */
  readonly weightBytesInPlace: number;
  /** Bytes of weights written beside the graph: as float32 where the published type cannot be used, or as int8. */
  readonly weightBytesConverted: number;
  /** Element types of the published weights. */
  readonly dtypes: readonly string[];
  /** Tensors in the checkpoint that the graph does not use. */
  readonly unusedTensors: readonly string[];
  /** Milliseconds for reading the parameters and checking every weight. */
  readonly verifyMilliseconds: number;
  /** Milliseconds for quantising the weights, where that is done, and for writing the graph. */
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
  readonly shape: Pick<NativeBundle, 'hiddenSize' | 'dimensions' | 'poolingModes' | 'includePrompt' | 'normalizes'>;
  readonly report: ConversionReport;
  /** Name of the data file that {@link writeData} writes; undefined where the published weights are used. */
  readonly dataFile: string | undefined;
  /** Writes the data file into a folder, where there is one. */
  writeData(folder: string, signal?: AbortSignal): Promise<void>;
  close(): Promise<void>;
}

/** Options of {@link convertToNative}. */
export interface NativeOptions {
  /** Makes the encoder int8; the weights are checked before it is called. Without it the graph computes in float32. */
  readonly quantize?: ((checkpoint: Checkpoint) => Promise<QuantizedEncoder>) | undefined;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Checks a checkpoint and writes its native graph. float32 weights are used where they lie; those of another type are
 * planned into one float32 file, because the engine's CPU kernels compute in float32. int8 weights are planned into one
 * file, with the float32 ones of the steps after the transformer.
 */
export async function convertToNative(
  files: ModelFiles,
  record: ModelRecord,
  { quantize, signal }: NativeOptions = {},
): Promise<NativeConversion> {
  const started = performance.now();
  const checkpoint = await openCheckpoint(files, record);
  try {
    const checkpointDigest = await verifyWeights(checkpoint.weights, checkpoint.used, signal);
    const verified = performance.now();
    const used = [...checkpoint.used];
    const dtypes = [...new Set(used.map((tensor) => tensor.dtype))].sort();
    const inPlace = quantize === undefined && dtypes.length === 1 && dtypes[0] === 'F32';
    const dataFile = quantize === undefined ? CONVERTED_WEIGHTS : QUANTIZED_WEIGHTS;
    const plan = inPlace ? undefined : new DataFilePlan(dataFile);
    const dataFolder = inPlace ? commonFolder(used.map((tensor) => tensor.file)) : undefined;
    let bytesInPlace = 0;
    const place: NativePlacement = {
      floats(matrix) {
        if (plan !== undefined) return plan.place(matrix, false);
        bytesInPlace += matrix.tensor.end - matrix.tensor.begin;
        return placeInFile(matrix, dataFolder ?? '');
      },
      bytes(name, values) {
        if (plan === undefined) throw new IsovecError('INTERNAL', `${name} is int8 in a float32 graph.`);
        return plan.placeBytes(name, values);
      },
    };
    const source: GraphEncoder =
      quantize === undefined
        ? { dtype: 'float32', encoder: checkpoint.encoder }
        : { dtype: 'int8', encoder: await quantize(checkpoint) };
    const pooling = checkpoint.modules.find((module) => module.kind === 'pooling');
    const model = buildNativeGraph(source, checkpoint.modules, record.maxSequenceLength, place);
    const graph = encodeOnnxModel(model);
    return {
      graph,
      dataFolder,
      dataFile: plan === undefined ? undefined : dataFile,
      checkpointDigest,
      shape: {
        hiddenSize: checkpoint.encoder.shape.hiddenSize,
        dimensions: vectorWidth(checkpoint.encoder.shape.hiddenSize, checkpoint.modules),
        poolingModes: pooling?.modes ?? [],
        normalizes: checkpoint.modules.at(-1)?.kind === 'normalize',
        includePrompt: pooling?.includePrompt ?? true,
      },
      report: {
        modelType: record.modelType,
        graphBytes: graph.byteLength,
        weightBytesInPlace: bytesInPlace,
        weightBytesConverted: plan?.size ?? 0,
        dtypes,
        unusedTensors: checkpoint.unused,
        verifyMilliseconds: verified - started,
        graphMilliseconds: performance.now() - verified,
      },
      writeData: async (folder, writeSignal) => {
        await plan?.write(`${folder}${sep}${dataFile}`, writeSignal);
      },
      close: () => checkpoint.close(),
    };
  } catch (error) {
    await checkpoint.close();
    throw error;
  }
}

function placeInFile({ tensor }: MatrixParameter, dataFolder: string): OnnxTensorData {
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
