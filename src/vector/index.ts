export {
  EmbeddingBatch,
  type EmbeddingBatchParts,
  type Precision,
  type PrecisionArrays,
  rowLength,
} from './embedding-batch.js';
export { normalized, normalizedBatch, normalizeRows } from './normalize.js';
export { truncateDimensions } from './truncate.js';
export type { VectorSet } from './vector-set.js';
export {
  cosine,
  dot,
  euclidean,
  manhattan,
  pairwiseSimilarity,
  type SimilarityMatrix,
  similarityMatrix,
  type VectorSimilarity,
} from './similarity.js';
export type { ScoredIndex } from './best-scores.js';
export { topK } from './top-k.js';
export { type CalibrationRanges, calibrationRanges, quantizeEmbeddings } from './quantize-embeddings.js';
export { base64ToFloat32, float32ToBase64 } from './base64.js';
export { type LinearPoolingMode, poolingWeights } from './pooling-weights.js';
