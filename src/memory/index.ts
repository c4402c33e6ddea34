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
export type { CognitiveExtractor } from './cognitive/cognitive-extractor.js';
export { extractProfile } from './cognitive/extract-profile.js';
export type { FusionLayer, FusionWeights } from './cognitive/fusion/fusion-weights.js';
export { identityFusion, type IdentityFusionOptions } from './cognitive/fusion/identity-fusion.js';
export { readFusionWeights } from './cognitive/fusion/read-fusion-weights.js';
export { xavierFusion } from './cognitive/fusion/xavier-fusion.js';
export type { ImportReport } from './memory-archive.js';
export type { MemoryEncoder } from './memory-encoder.js';
export type { MemoryFilter } from './memory-filter.js';
export type { ForgetReport, LoadReport, MemoryInput, RecallOptions, RecallResult } from './memory-input.js';
export type { MemoryConnection, MemoryKind, MemoryLevel, MemoryRecord, MemorySource } from './memory-record.js';
export {
  type ConnectionInput,
  type ForgetFilter,
  Memory,
  type MemoryCallOptions,
  type MemoryOptions,
} from './memory.js';
export type { Activation, ActivationParts } from './ranking/activation.js';
export type { BridgeMemory, RecalledMemory } from './ranking/rank-memories.js';
export { DEFAULT_RANKING, type RankingSettings } from './ranking/ranking-settings.js';
export type { SkippedFile } from './sources/markdown/find-documents.js';
export { type GitHistoryContent, type GitHistoryOptions, readGitHistory } from './sources/read-git-history.js';
export { type MarkdownContent, type MarkdownOptions, readMarkdown } from './sources/read-markdown.js';
export type { SourceConnection, SourceContent, SourceMemory } from './sources/source-reader.js';
export { createInMemoryStore } from './stores/in-memory-store.js';
export { openPgvectorStore, type PgvectorStoreOptions } from './stores/pgvector/pgvector-store.js';
export type { PostgresConnection } from './stores/pgvector/postgres-pool.js';
export {
  openQdrantStore,
  type QdrantStore,
  type QdrantStoreOptions,
  type ReconcileReport,
} from './stores/qdrant/qdrant-store.js';
export { reindexSqliteStore, type ReindexOptions, type ReindexReport } from './stores/sqlite/reindex.js';
export { openSqliteStore, type SqliteStore, type SqliteStoreOptions } from './stores/sqlite/sqlite-store.js';
export type {
  FoundMemory,
  MemoryPatch,
  MemoryStore,
  StoreChange,
  StoredMemory,
  StoreFault,
  StorePage,
  StoreSearch,
  StoreStatus,
} from './stores/store.js';
