/** What one request may hold. */
export interface ChunkLimits {
  readonly maxTexts: number;
  readonly maxTokens: number;
  /** Tokens of the longest prompt that the model puts in front of a text. */
  readonly promptTokens: number;
}

/** The tokens that models put around a text. */
const SPECIAL_TOKENS = 2;
const encoder = new TextEncoder();

/**
 * Cuts a list of texts into requests within limits, keeping the order. A text counts as many tokens as it has bytes: no
 * tokenizer of these models makes more of it. One that is too long even alone is sent alone: the server says what is wrong.
 */
export function requestChunks(texts: readonly string[], limits: ChunkLimits): readonly (readonly string[])[] {
  const chunks: string[][] = [];
  let chunk: string[] = [];
  let tokens = 0;
  for (const text of texts) {
    const own = encoder.encode(text).length + limits.promptTokens + SPECIAL_TOKENS;
    if (chunk.length > 0 && (chunk.length >= limits.maxTexts || tokens + own > limits.maxTokens)) {
      chunks.push(chunk);
      chunk = [];
      tokens = 0;
    }
    chunk.push(text);
    tokens += own;
  }
  if (chunk.length > 0) chunks.push(chunk);
  return chunks;
}
