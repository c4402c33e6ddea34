import type { PoolingMode } from '../../models/model-record.js';

/**
 * Pools token vectors [tokens, size] to [modes x size] as `sentence_transformers` Pooling does, without padding and
 * with the attention mask of the first `promptLength` positions set to zero.
 *
 * Where the prompt covers every token, Python's results are kept: -Infinity for max, position 0 for cls, zero for the
 * others.
 */
export function poolTokens(
  tokens: Float64Array,
  size: number,
  modes: readonly PoolingMode[],
  promptLength: number,
): Float64Array {
  const count = tokens.length / size;
  const mask = Float64Array.from({ length: count }, (_, token) => (token < promptLength ? 0 : 1));
  const pooled = new Float64Array(modes.length * size);
  for (const [index, mode] of modes.entries()) {
    pooled.set(poolOne(tokens, size, mode, mask), index * size);
  }
  return pooled;
}

function poolOne(tokens: Float64Array, size: number, mode: PoolingMode, mask: Float64Array): Float64Array {
  const last = mask.length - 1;
  switch (mode) {
    case 'cls':
      // argmax of a mask without a one is 0.
      return rowOf(tokens, size, Math.max(mask.indexOf(1), 0));
    case 'lasttoken':
      return mask[last] === 0 ? new Float64Array(size) : rowOf(tokens, size, last);
    case 'max':
      return maximum(tokens, size, mask);
    case 'mean':
      return divided(weightedSum(tokens, size, mask), total(mask));
    case 'mean_sqrt_len_tokens':
      return divided(weightedSum(tokens, size, mask), Math.sqrt(total(mask)));
    case 'weightedmean': {
      const weights = mask.map((attended, position) => attended * (position + 1));
      return divided(weightedSum(tokens, size, weights), total(weights));
    }
  }
}

function rowOf(tokens: Float64Array, size: number, token: number): Float64Array {
  return tokens.slice(token * size, (token + 1) * size);
}

function maximum(tokens: Float64Array, size: number, mask: Float64Array): Float64Array {
  const result = new Float64Array(size).fill(-Infinity);
  for (const [token, attended] of mask.entries()) {
    if (attended === 0) continue;
    for (let i = 0; i < size; i++) result[i] = Math.max(result[i] ?? 0, tokens[token * size + i] ?? 0);
  }
  return result;
}

function weightedSum(tokens: Float64Array, size: number, weights: Float64Array): Float64Array {
  const result = new Float64Array(size);
  for (const [token, weight] of weights.entries()) {
    for (let i = 0; i < size; i++) result[i] = (result[i] ?? 0) + weight * (tokens[token * size + i] ?? 0);
  }
  return result;
}

function total(weights: Float64Array): number {
  // The clamp of the Python module; it only matters for an empty mask.
  return Math.max(
    weights.reduce((sum, weight) => sum + weight, 0),
    1e-9,
  );
}

function divided(vector: Float64Array, divisor: number): Float64Array {
  return vector.map((value) => value / divisor);
}
