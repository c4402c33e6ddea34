import { float32FromTensor, SAFETENSORS_DTYPE_BYTES } from '../../formats/safetensors/index.js';
import type { EncoderParameters } from '../encoder-parameters.js';

/** Table rows in memory at a time: a few megabytes. */
const ROWS_AT_ONCE = 4096;

/**
 * The residual stream that enters the first layer: float32 [ids.length, hidden], in shared memory. The sum of word,
 * position and token type 0, normalised in float64.
 *
 * @param positions The position of each token in its text.
 */
export async function embedTokens(
  parameters: EncoderParameters,
  ids: Int32Array,
  positions: Int32Array,
): Promise<SharedArrayBuffer> {
  const { hiddenSize, normEpsilon } = parameters.shape;
  const shared = new SharedArrayBuffer(ids.length * hiddenSize * Float32Array.BYTES_PER_ELEMENT);
  const stream = new Float32Array(shared);
  const { tensor } = parameters.words;
  const places = new Map<number, number[]>();
  ids.forEach((id, token) => {
    const known = places.get(id);
    if (known === undefined) places.set(id, [token]);
    else known.push(token);
  });
  let row = 0;
  for await (const chunk of tensor.chunks(ROWS_AT_ONCE * hiddenSize * SAFETENSORS_DTYPE_BYTES[tensor.dtype])) {
    const words = float32FromTensor(chunk, tensor.dtype);
    for (let begin = 0; begin < words.length; begin += hiddenSize, row++) {
      for (const token of places.get(row) ?? []) {
        stream.set(words.subarray(begin, begin + hiddenSize), token * hiddenSize);
      }
    }
  }
  const sum = new Float64Array(hiddenSize);
  for (let token = 0; token < ids.length; token++) {
    const at = token * hiddenSize;
    const position = (positions[token] ?? 0) * hiddenSize;
    for (let i = 0; i < hiddenSize; i++) {
      sum[i] = (stream[at + i] ?? 0) + (parameters.positions[position + i] ?? 0) + (parameters.tokenTypes[i] ?? 0);
    }
    const mean = sum.reduce((total, value) => total + value, 0) / hiddenSize;
    const variance = sum.reduce((total, value) => total + (value - mean) ** 2, 0) / hiddenSize;
    const { scale, offset } = parameters.embeddingNorm;
    for (let i = 0; i < hiddenSize; i++) {
      const normal = ((sum[i] ?? 0) - mean) / Math.sqrt(variance + normEpsilon);
      stream[at + i] = normal * (scale[i] ?? 0) + (offset[i] ?? 0);
    }
  }
  return shared;
}
