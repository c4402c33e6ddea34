import { IsovecError } from '../../../shared/isovec-error.js';
import { COGNITIVE_DIMENSIONS } from '../cognitive-dimensions.js';
import { digestOfName, type FusionWeights } from './fusion-weights.js';

/** The largest weight with which no kind of general query lost: docs/decisions/fusion-weights.md. */
const DEFAULT_FUSION_WEIGHT = 0.25;

/** Options of {@link identityFusion}. */
export interface IdentityFusionOptions {
  /** What a cognitive dimension of 1 adds beside a semantic vector of length 1: 0.25 by default; 0 leaves the meaning alone. */
  readonly weight?: number;
}

/**
 * Leaves the semantic vector as it is and puts the cognitive dimensions beside it, times a weight. Of two fused vectors the
 * cosine is near (meaning + weight² x product of profiles) over their lengths. CONFIG_INVALID for a weight that is no number of
 * at least 0.
 */
export function identityFusion({ weight = DEFAULT_FUSION_WEIGHT }: IdentityFusionOptions = {}): FusionWeights {
  if (typeof weight !== 'number' || !Number.isFinite(weight) || weight < 0) {
    throw new IsovecError('CONFIG_INVALID', 'identityFusion: weight must be a number of at least 0.', {
      data: { option: 'weight' },
    });
  }
  const name = `identity-1 weight ${weight}`;
  return {
    name,
    digest: digestOfName(name),
    layer: (semanticDimensions) => {
      const size = semanticDimensions + COGNITIVE_DIMENSIONS.length;
      return {
        size,
        matrix: { kind: 'diagonal', values: new Float32Array(size).fill(1).fill(weight, semanticDimensions) },
        bias: new Float32Array(size),
        normWeight: new Float32Array(size).fill(1),
        normBias: new Float32Array(size),
      };
    },
  };
}
