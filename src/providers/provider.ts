import type { EmbeddingSpace } from '../models/embedding-space.js';
import type { SimilarityMatrix, VectorSet } from '../vector/index.js';

/** Version of the contract below; it grows when a provider of the old one would no longer do. */
export const PROVIDER_SPEC_VERSION = 1;

/** How urgent a call is; waiting raises the urgency, so that nothing starves. */
export type Priority = 'high' | 'normal' | 'low';

/** Options that every call to a provider takes. */
export interface ProviderCallOptions {
  /** Cancels the call: it rejects with ABORTED. */
  readonly signal?: AbortSignal;
  /** Moment after which the call rejects with DEADLINE_EXCEEDED: a Date, or milliseconds since the epoch. */
  readonly deadline?: Date | number;
  /** 'normal' by default. */
  readonly priority?: Priority;
}

/** The vectors of some texts, in their order. */
export interface ProviderBatch {
  /** float32 [count x dimensions], row after row. */
  readonly data: Float32Array;
  readonly count: number;
  readonly dimensions: number;
  /** Tokens that were fed per text, special tokens included; absent where the provider is not told. */
  readonly tokens?: Uint32Array | undefined;
  /** 1 where a text was cut to the model's limit, 0 elsewhere; absent where the provider is not told. */
  readonly truncated?: Uint8Array | undefined;
  /** Who answered, as {@link ProviderInfo.provider}, where more than one could. */
  readonly answeredBy?: string | undefined;
}

/** A provider that could not be used, or could not answer, and what was told of it. */
export interface ProviderAttempt {
  /** As {@link ProviderInfo.provider}. */
  readonly provider: string;
  /** Code of the error table. */
  readonly code: string;
  /** Its message, which names the thing and the way out. */
  readonly reason: string;
}

/** What a provider can tell or do beyond vectors. */
export interface ProviderCapabilities {
  /** Whether batches tell token counts and which texts were cut. */
  readonly tokenCounts: boolean;
  /** Whether the provider runs on this machine: no text leaves it. */
  readonly local: boolean;
}

/** What a provider is. */
export interface ProviderInfo {
  /** Id of the model, as it was asked for. */
  readonly id: string;
  /** Who computes: 'onnx' in process, 'python/onnx', 'python/torch', 'remote/openai', 'remote/tei'; of a chain, its member. */
  readonly provider: string;
  /** Where: 'cpu', 'cuda', ...; 'remote' where that is not told. */
  readonly device: string;
  readonly dimensions: number;
  readonly space: EmbeddingSpace;
  /** Providers that were tried before this one, in their order; empty if it was the first. */
  readonly attempts: readonly ProviderAttempt[];
}

/** Whether a provider can serve. */
export interface ProviderHealth {
  /** 'degraded' while it recovers, or serves by a member that was not the first. */
  readonly status: 'ok' | 'degraded' | 'closed';
  /** Calls that another member of a chain answered, because the first one could not. */
  readonly fallbacks?: number;
}

/**
 * Anything that turns texts into vectors of one {@link EmbeddingSpace}. Safe to call concurrently. A call rejects as a
 * whole, never resolves partially, never changes its inputs, and rejects with an `IsovecError` alone: INPUT_INVALID names
 * the index of a text; ABORTED, DEADLINE_EXCEEDED, OVERLOADED, CLOSED; and what the provider's own kind adds.
 * `test/contract/provider-contract.ts` is the same in code.
 */
export interface Provider extends AsyncDisposable {
  readonly specVersion: typeof PROVIDER_SPEC_VERSION;
  readonly space: EmbeddingSpace;
  /** Length of the vectors. */
  readonly dimensions: number;
  readonly capabilities: ProviderCapabilities;
  /** The vector of one text: [dimensions]. */
  encode(text: string, options?: ProviderCallOptions): Promise<Float32Array>;
  /** The vectors of many texts, in their order. An empty list gives an empty batch. */
  encodeBatch(texts: readonly string[], options?: ProviderCallOptions): Promise<ProviderBatch>;
  /** Similarity of every row of `a` with every row of `b`, by the similarity of the space. */
  similarity(a: VectorSet, b: VectorSet): SimilarityMatrix;
  info(): ProviderInfo;
  /** Resolves when the next call is as fast as later ones. */
  warmUp(): Promise<void>;
  health(): ProviderHealth;
  /** Rejects open calls with CLOSED and frees what it holds. Idempotent. */
  close(): Promise<void>;
}
