import type { VectorSimilarity } from '../../../src/vector/similarity.js';

/** What the page reads of GET /info. */
export interface ServerInfo {
  readonly model_id: string;
  readonly model_dtype: string;
  readonly max_input_length: number;
  readonly max_client_batch_size: number;
  readonly max_request_tokens: number;
  readonly version: string;
  readonly provider: string;
  readonly dimensions: number;
  readonly similarity: VectorSimilarity;
  readonly prompts: Readonly<Record<string, string>>;
  /** Whether a memory is served. */
  readonly memory: boolean;
}

/** What it reads of GET /v1/models. */
export interface ModelList {
  readonly data: readonly { readonly id: string }[];
}

/** Where the time of an answer went, in milliseconds; queue and inference are means over its texts. */
export interface Timings {
  readonly tokenize_ms: number;
  readonly queue_ms: number;
  readonly inference_ms: number;
  readonly total_ms: number;
}

/** What it reads of POST /embed. */
export interface EmbedAnswer {
  readonly embeddings: readonly (readonly number[])[];
  readonly tokens: readonly number[];
  readonly truncated: readonly number[];
  readonly timings: Timings;
}
