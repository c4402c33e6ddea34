import type { EmbedResult } from './embed-texts.js';

/** Of a result with hidden states: for each input, a vector for each of its tokens as far as the model was fed them. */
export function tokenRows({ rows, tokens, model }: EmbedResult): readonly (readonly Float32Array[])[] {
  const limit = model.embedder.info().maxSequenceLength;
  return rows.map((row = new Float32Array(), index) => {
    const count = Math.min(tokens[index] ?? 0, limit);
    const width = count === 0 ? 0 : row.length / count;
    return Array.from({ length: count }, (_, token) => row.subarray(token * width, (token + 1) * width));
  });
}
