import { IsovecError } from '../shared/isovec-error.js';

/** Pooling modes that are a weighted sum of token vectors; `max` is not. */
export type LinearPoolingMode = 'cls' | 'mean' | 'mean_sqrt_len_tokens' | 'weightedmean' | 'lasttoken';

/** Below this a sum of weights is not divided by (sentence-transformers' clamp). */
const SMALLEST_SUM = 1e-9;

/**
 * The weight of each of `length` token vectors in a pooled vector, for texts without padding; the first
 * `promptLength` positions are left out (0 = none).
 *
 * The formulas are those of `sentence_transformers` Pooling with the prompt's part of the attention mask set to zero:
 * cls takes the first position that is left, mean divides by their number, mean_sqrt_len_tokens by its square root,
 * weightedmean keeps the original position numbers 1..length as weights, lasttoken takes the last position. A prompt
 * that covers every position leaves the zero row, except for cls, which then falls back to position 0.
 * INPUT_INVALID unless length >= 1 and promptLength >= 0 are whole numbers.
 */
export function poolingWeights(mode: LinearPoolingMode, length: number, promptLength: number): Float32Array {
  if (!Number.isSafeInteger(length) || length < 1) {
    throw new IsovecError('INPUT_INVALID', `A text has at least one token; its length cannot be ${length}.`);
  }
  if (!Number.isSafeInteger(promptLength) || promptLength < 0) {
    throw new IsovecError('INPUT_INVALID', `A prompt's length is a whole number >= 0, not ${promptLength}.`);
  }
  const first = Math.min(promptLength, length);
  const count = length - first;
  const weights = new Float32Array(length);
  switch (mode) {
    case 'cls':
      weights[count === 0 ? 0 : first] = 1;
      return weights;
    case 'lasttoken':
      if (count > 0) weights[length - 1] = 1;
      return weights;
    case 'mean':
      return weights.fill(1 / Math.max(count, SMALLEST_SUM), first);
    case 'mean_sqrt_len_tokens':
      return weights.fill(1 / Math.sqrt(Math.max(count, SMALLEST_SUM)), first);
    case 'weightedmean': {
      const sum = (count * (first + 1 + length)) / 2;
      for (let i = first; i < length; i++) weights[i] = (i + 1) / sum;
      return weights;
    }
  }
}
