import type { CognitiveProfile } from '../../memory/cognitive/cognitive-dimensions.js';
import { createCognitiveEncoder } from '../../memory/cognitive/cognitive-encoder.js';
import { lexiconExtractor } from '../../memory/cognitive/cognitive-extractor.js';
import type { FusionWeights } from '../../memory/cognitive/fusion/fusion-weights.js';
import type { MemoryEncoder } from '../../memory/memory-encoder.js';
import { type EmbeddingSpace, isSameSpace } from '../../models/embedding-space.js';
import type { Provider } from '../../providers/provider.js';
import { IsovecError, isIsovecError } from '../../shared/isovec-error.js';

type EncodeOptions = Parameters<MemoryEncoder['encodeBatch']>[1];

/** How the vectors that a model gives become those of a memory. */
export interface MemoryVectors {
  /** That of the memory's vectors. */
  readonly space: EmbeddingSpace;
  readonly profile: (text: string) => CognitiveProfile;
  /** float32 [texts x dimensions of the space] from float32 [texts x dimensions of the model]. */
  readonly finish: (
    texts: readonly string[],
    meaning: Float32Array,
    options: Pick<EncodeOptions, 'profiles' | 'task'> & { readonly signal: AbortSignal | undefined },
  ) => Promise<Float32Array>;
}

/** Vectors of meaning and of cognitive dimensions. WEIGHTS_MISMATCH if fusion weights are for vectors of another length. */
export function cognitiveVectors(model: Provider, fusion: FusionWeights | undefined): MemoryVectors {
  const encoder = createCognitiveEncoder(model, fusion === undefined ? {} : { fusion });
  return {
    space: encoder.space,
    profile: (text) => encoder.profile(text),
    finish: (texts, meaning, { profiles, signal }) =>
      encoder.fuse(texts, meaning, { profiles, ...(signal === undefined ? {} : { signal }) }),
  };
}

/** Vectors of meaning alone, as the model gives them. */
function plainVectors({ space }: Provider): MemoryVectors {
  return {
    space,
    profile: (text) => lexiconExtractor.extract(text),
    finish: (_texts, meaning, { profiles, task }) => {
      const asked = task === 'query' && profiles.some((profile) => Object.keys(profile).length > 0);
      if (!asked) return Promise.resolve(meaning);
      const message = 'This memory holds vectors of meaning alone, so that dimensions cannot move a query.';
      return Promise.reject(new IsovecError('INPUT_INVALID', message, { data: { param: 'dimensions' } }));
    },
  };
}

/** How a model's vectors become those of a space; undefined if they cannot. */
export function vectorsOf(
  model: Provider,
  space: EmbeddingSpace,
  fusion: FusionWeights | undefined,
): MemoryVectors | undefined {
  if (isSameSpace(model.space, space)) return plainVectors(model);
  try {
    const cognitive = cognitiveVectors(model, fusion);
    return isSameSpace(cognitive.space, space) ? cognitive : undefined;
  } catch (error) {
    // Fusion weights are for vectors of one length; another model may have them.
    if (isIsovecError(error, 'WEIGHTS_MISMATCH')) return undefined;
    throw error;
  }
}
