import { profileOf } from '#src/memory/cognitive/cognitive-dimensions.js';
import { Memory } from '#src/memory/memory.js';
import type { MemoryEncoder } from '#src/memory/memory-encoder.js';
import { createInMemoryStore } from '#src/memory/stores/in-memory-store.js';
import { declaredSpace } from '#src/models/embedding-space.js';
import type { AgentEmbedder } from '#src/server/mcp/agent-memory.js';
import { similarityMatrix } from '#src/vector/index.js';

const DIMENSIONS = 64;
const space = declaredSpace({ model: 'words', dimensions: DIMENSIONS });

/** Counts words: texts are similar if they share some. */
function wordVector(text: string): Float32Array {
  const vector = new Float32Array(DIMENSIONS);
  for (const word of text.toLowerCase().match(/\p{L}+/gu) ?? []) {
    let hash = 7;
    for (const letter of word) hash = (hash * 31 + (letter.codePointAt(0) ?? 0)) % 65_521;
    vector[hash % DIMENSIONS] = (vector[hash % DIMENSIONS] ?? 0) + 1;
  }
  const length = Math.hypot(...vector) || 1;
  return vector.map((value) => value / length);
}

function encodeWords(texts: readonly string[]): { data: Float32Array; count: number; dimensions: number } {
  const data = new Float32Array(texts.length * DIMENSIONS);
  for (const [row, text] of texts.entries()) data.set(wordVector(text), row * DIMENSIONS);
  return { data, count: texts.length, dimensions: DIMENSIONS };
}

const encoder: MemoryEncoder = {
  space,
  profile: () => profileOf({}),
  encodeBatch: (texts) => Promise.resolve(encodeWords(texts)),
};

export const wordEmbedder: AgentEmbedder = {
  space,
  dimensions: DIMENSIONS,
  encodeBatch: (texts) => Promise.resolve(encodeWords(texts)),
  similarity: (a, b) => similarityMatrix(a, b, 'cosine'),
};

/** An empty memory in which texts that share words are similar. */
export function emptyMemory(): Memory {
  return new Memory({ store: createInMemoryStore(space), encoder });
}
