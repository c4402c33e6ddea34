import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import path from 'node:path';

import {
  bytesSource,
  type ByteSource,
  findNonFinite,
  float32FromTensor,
  readSafetensorsHeader,
  type SafetensorsHeader,
} from '../../../formats/safetensors/index.js';
import { errorMessage, IsovecError, systemErrorCode } from '../../../shared/isovec-error.js';
import { COGNITIVE_DIMENSIONS } from '../cognitive-dimensions.js';
import type { FusionWeights } from './fusion-weights.js';

const TENSORS = ['linear.weight', 'linear.bias', 'norm.weight', 'norm.bias'] as const;

type TensorName = (typeof TENSORS)[number];

/**
 * Trained weights from a safetensors file: `linear.weight` [S, S], `linear.bias`, `norm.weight` and `norm.bias` [S], where S is
 * the length of the semantic vector and 16, as PyTorch's Linear and LayerNorm store them; the semantic vectors go in with
 * length 1. The digest covers the values alone. MODEL_FILE_MISSING, SOURCE_FORBIDDEN; FORMAT_INVALID for a broken file;
 * WEIGHTS_MISMATCH for a tensor that is missing, foreign, of another shape or not finite.
 */
export async function readFusionWeights(file: string): Promise<FusionWeights> {
  const name = path.basename(file);
  const source = bytesSource(name, await readBytes(file));
  const header = await readSafetensorsHeader(source);
  const size = checkShapes(header, name);
  const hash = createHash('sha256').update(`isovec fusion tensors ${size}`);
  const read = (tensor: TensorName): Promise<Float32Array> => readTensor(source, header, tensor);
  const matrix = await read('linear.weight');
  const bias = await read('linear.bias');
  const normWeight = await read('norm.weight');
  const normBias = await read('norm.bias');
  for (const values of [matrix, bias, normWeight, normBias]) hash.update(littleEndian(values));
  const digest = hash.digest('hex');
  return {
    name: `trained ${digest.slice(0, 12)}`,
    digest,
    layer: (semanticDimensions) => {
      if (semanticDimensions + COGNITIVE_DIMENSIONS.length !== size) {
        throw mismatch(
          name,
          `fits vectors of ${size - COGNITIVE_DIMENSIONS.length} dimensions, and the model's have ${semanticDimensions}`,
        );
      }
      return { size, matrix: { kind: 'full', values: matrix }, bias, normWeight, normBias };
    },
  };
}

async function readBytes(file: string): Promise<Uint8Array> {
  try {
    return await readFile(file);
  } catch (cause) {
    if (systemErrorCode(cause) === 'ENOENT') {
      throw new IsovecError('MODEL_FILE_MISSING', `${file} does not exist: it was to hold fusion weights.`, { cause });
    }
    throw new IsovecError('SOURCE_FORBIDDEN', `${file} cannot be read (${errorMessage(cause)}).`, { cause });
  }
}

/** The length of the layer's vectors. */
function checkShapes({ tensors }: SafetensorsHeader, file: string): number {
  const foreign = [...tensors.keys()].find((tensor) => !(TENSORS as readonly string[]).includes(tensor));
  if (foreign !== undefined) throw mismatch(file, `holds the tensor ${foreign}, which no fusion layer has`);
  const size = tensors.get('linear.weight')?.shape[0] ?? 0;
  if (size <= COGNITIVE_DIMENSIONS.length) {
    const least = COGNITIVE_DIMENSIONS.length + 1;
    throw mismatch(file, `must hold a tensor linear.weight [S, S] with S of at least ${least}`);
  }
  for (const tensor of TENSORS) {
    const wanted = tensor === 'linear.weight' ? [size, size] : [size];
    const shape = tensors.get(tensor)?.shape;
    if (shape?.join() !== wanted.join()) {
      const found = shape === undefined ? 'it is missing' : `it has the shape [${shape.join(', ')}]`;
      throw mismatch(file, `must hold a tensor ${tensor} [${wanted.join(', ')}]: ${found}`);
    }
  }
  return size;
}

async function readTensor(source: ByteSource, { tensors }: SafetensorsHeader, name: TensorName): Promise<Float32Array> {
  const tensor = tensors.get(name);
  if (tensor === undefined) throw new IsovecError('INTERNAL', `${name} was not checked.`);
  const bytes = await source.read(tensor.begin, tensor.end);
  const broken = findNonFinite(bytes, tensor.dtype);
  if (broken !== undefined) throw mismatch(source.name, `holds ${broken.value} at index ${broken.index} of ${name}`);
  return float32FromTensor(bytes, tensor.dtype, name);
}

/** The bytes of float32 values, the same on every machine. */
function littleEndian(values: Float32Array): Uint8Array {
  const bytes = new DataView(new ArrayBuffer(values.byteLength));
  for (const [i, value] of values.entries()) bytes.setFloat32(i * 4, value, true);
  return new Uint8Array(bytes.buffer);
}

function mismatch(file: string, rule: string): IsovecError {
  return new IsovecError('WEIGHTS_MISMATCH', `Fusion weights: ${file} ${rule}.`, { data: { file } });
}
