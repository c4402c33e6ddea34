import { createHash } from 'node:crypto';
import { findNonFinite, SAFETENSORS_DTYPE_BYTES } from '../formats/safetensors/index.js';
import type { WeightTensor, Weights } from '../models/weights.js';
import { throwIfAborted } from '../shared/abort.js';
import { IsovecError } from '../shared/isovec-error.js';

/** Bytes per step: large enough to be quick, small enough not to hold up the event loop for long. */
const CHUNK_BYTES = 1 << 20;

/**
 * Reads all weights once. Gives the SHA-256 (hexadecimal) over every tensor with its name, type and shape, in the order
 * of the files; NaN or an infinity in a tensor of `used` is FORMAT_INVALID naming file, tensor and element.
 */
export async function verifyWeights(
  weights: readonly Weights[],
  used: ReadonlySet<WeightTensor>,
  signal?: AbortSignal,
): Promise<string> {
  const hash = createHash('sha256');
  for (const tensor of weights.flatMap(({ tensors }) => [...tensors.values()].sort(byPosition))) {
    hash.update(JSON.stringify([tensor.name, tensor.dtype, tensor.shape]));
    let elements = 0;
    for await (const chunk of tensor.chunks(CHUNK_BYTES)) {
      throwIfAborted(signal);
      hash.update(chunk);
      if (used.has(tensor)) refuseNonFinite(chunk, tensor, elements);
      elements += chunk.byteLength / SAFETENSORS_DTYPE_BYTES[tensor.dtype];
    }
  }
  return hash.digest('hex');
}

function refuseNonFinite(chunk: Uint8Array, tensor: WeightTensor, offset: number): void {
  const found = findNonFinite(chunk, tensor.dtype);
  if (found === undefined) return;
  throw new IsovecError(
    'FORMAT_INVALID',
    `${tensor.file.name}: tensor ${tensor.name} holds ${found.value} at element ${offset + found.index}; weights must be finite. The checkpoint is damaged: fetch it again, or report it to its publisher.`,
    { data: { file: tensor.file.name, tensor: tensor.name, value: found.value } },
  );
}

/** By file, then by place in the file, so that reading goes forward. */
function byPosition(left: WeightTensor, right: WeightTensor): number {
  if (left.file.name !== right.file.name) return left.file.name < right.file.name ? -1 : 1;
  return left.begin - right.begin;
}
