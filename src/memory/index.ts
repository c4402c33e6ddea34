/** Memory: texts remembered with their meaning and their cognitive dimensions, kept in a store, and recalled. */
export {
  COGNITIVE_DIMENSIONS,
  type CognitiveDimension,
  type CognitiveProfile,
} from './cognitive/cognitive-dimensions.js';
export {
  type CognitiveCallOptions,
  CognitiveEncoder,
  type CognitiveEncoderOptions,
  createCognitiveEncoder,
} from './cognitive/cognitive-encoder.js';
export { extractProfile } from './cognitive/extract-profile.js';
export type { CognitiveExtractor } from './cognitive/cognitive-extractor.js';
export type { FusionWeights } from './cognitive/fusion/fusion-weights.js';
export { identityFusion } from './cognitive/fusion/identity-fusion.js';
