import type { EmbeddingSpace } from '../models/embedding-space.js';
import type { CognitiveProfile } from './cognitive/cognitive-dimensions.js';

/** What makes vectors of memories and queries; `CognitiveEncoder` is one. */
export interface MemoryEncoder {
  /** That of its vectors, with how meaning and dimensions are put together. */
  readonly space: EmbeddingSpace;
  /** What a text shows beside its meaning. */
  profile(text: string): CognitiveProfile;
  /** float32 [texts x dimensions]. Values of `profiles` take the place of what is read from the text of the same index. */
  encodeBatch(
    texts: readonly string[],
    options: {
      readonly profiles: readonly Partial<CognitiveProfile>[];
      readonly task: 'query' | 'document';
      readonly signal?: AbortSignal;
    },
  ): Promise<{ readonly data: Float32Array }>;
}
