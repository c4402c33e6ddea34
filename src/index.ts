/**
 * Sentence embeddings with the vectors of Python's sentence-transformers.
 *
 * @packageDocumentation
 */
export {
  type ChainProviderOptions,
  createProvider,
  type LocalProviderOptions,
  type ProviderOptions,
  type RemoteOptions,
} from './engine/create-provider.js';
export { loadModel } from './engine/load-model.js';
export type { Calibration } from './engine/quantize/calibration-file.js';
export type { Device, ProviderChoice } from './engine/provider-choice.js';
export type { LoadOptions } from './engine/load-options.js';
export {
  type Embedder,
  type LoadTimings,
  type ModelHealth,
  type ModelInfo,
  type TokenEmbeddings,
} from './engine/embedder.js';
export type { CallOptions, EncodeOptions, EncodeTask } from './engine/encode-options.js';
export type { ModelTokens, RowKind, RunOptions, TokenizedTexts, TokenizeOptions } from './engine/model-tokens.js';
export type { BatchListener, BatchReport, TextTimes } from './runtime/dispatcher.js';
export type { Token, TokenizedText, TruncationSide } from './runtime/tokenizer.js';
export type { ConversionReport } from './convert/convert-to-native.js';
export type { WeightBits } from './convert/quantize/round-rows.js';
export type { ProcessorProducts } from './engine/quantize/processor-products.js';
export type { Quantization, QuantizationRecord } from './engine/quantize/quantization.js';
export type { QuantizationReport } from './engine/quantize/quantization-report.js';
export {
  assertSameSpace,
  type DeclaredSpace,
  declaredSpace,
  type EmbeddingSpace,
  isSameSpace,
  type WeightDtype,
} from './models/embedding-space.js';
export type { ModelOrigin } from './models/model-files.js';
export type { PoolingMode, SimilarityName } from './models/model-record.js';
export { type ChainOptions, createChain } from './providers/chain/chain-provider.js';
export {
  type Priority,
  type Provider,
  PROVIDER_SPEC_VERSION,
  type ProviderAttempt,
  type ProviderBatch,
  type ProviderCallOptions,
  type ProviderCapabilities,
  type ProviderHealth,
  type ProviderInfo,
} from './providers/provider.js';
export type {
  RemoteKind,
  RemoteLimits,
  RemoteProviderOptions,
  RemoteReference,
  RemoteSpace,
} from './providers/remote/remote-options.js';
export {
  createRemoteProvider,
  type RemoteEmbedder,
  type RemoteHealth,
  type RemoteInfo,
} from './providers/remote/remote-provider.js';
export type { ExecutionProvider } from './runtime/sessions/execution-provider.js';
export { ERROR_TABLE, type ErrorCode, type ErrorTableRow } from './shared/error-table.js';
export {
  type ErrorData,
  IsovecError,
  type IsovecErrorOptions,
  isIsovecError,
  type SerializedError,
} from './shared/isovec-error.js';
export type { LogData, Logger } from './shared/log.js';
export type { Progress, ProgressListener } from './shared/progress.js';
export {
  type CalibrationRanges,
  calibrationRanges,
  EmbeddingBatch,
  type Precision,
  type PrecisionArrays,
  type SimilarityMatrix,
  type VectorSet,
} from './vector/index.js';
