import type { TextTokenizer } from '../../runtime/tokenizer.js';
import type { CalibrationTokens } from './layer-messages.js';
import type { LayerWidths } from './observe-layer.js';

/** Most tokens that run together; more would leave the caches. */
const BATCH_TOKENS = 512;
/** Beyond this many tokens the weights change no more than by chance. */
const MOST_TOKENS = 32_768;
/** Bytes that the activations of one layer may take, with what is computed from them. */
const ACTIVATION_BYTES = 1e9;

/** Bytes that one token's activations of a layer take, with what is computed from them. */
export function activationBytes({ hiddenSize, intermediateSize }: LayerWidths): number {
  return Float32Array.BYTES_PER_ELEMENT * (7 * hiddenSize + 3 * intermediateSize);
}

/** Tokens that an encoder is observed on at most: fewer where it is wide, so that memory stays bounded. */
export function mostCalibrationTokens(widths: LayerWidths): number {
  return Math.min(MOST_TOKENS, Math.floor(ACTIVATION_BYTES / activationBytes(widths)));
}

/**
 * The tokens of texts, those of one length together, shorter ones first. Of more than `most` tokens it takes the first
 * texts, in their order. ABORTED.
 */
export async function calibrationTokens(
  texts: readonly string[],
  tokenizer: TextTokenizer,
  most: number,
  signal: AbortSignal | undefined,
): Promise<CalibrationTokens> {
  const encoded = await tokenizer.encodeBatch(texts, signal);
  let taken = 0;
  const sorted = encoded
    .map(({ ids }) => ids)
    .filter(({ length }) => (taken += length) <= most)
    .sort((left, right) => left.length - right.length);
  const ids = new Int32Array(sorted.reduce((sum, { length }) => sum + length, 0));
  const batches: { texts: number; length: number }[] = [];
  let token = 0;
  for (const text of sorted) {
    ids.set(text, token);
    token += text.length;
    const open = batches.at(-1);
    if (open?.length === text.length && (open.texts + 1) * text.length <= BATCH_TOKENS) open.texts++;
    else batches.push({ texts: 1, length: text.length });
  }
  return { ids, batches };
}
