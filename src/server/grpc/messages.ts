// Messages of the contracts in proto/, as they arrive and leave: repeated fields are always there, optional ones are
// undefined where they were left out.

/** akidb.embedding.v1.EmbedRequest. */
export interface AkidbEmbedRequest {
  readonly texts: readonly string[];
  readonly model?: string;
  readonly pooling?: string;
  readonly normalize?: boolean;
}

/** akidb.embedding.v1.EmbedResponse. */
export interface AkidbEmbedResponse {
  readonly embeddings: readonly { readonly values: readonly number[] }[];
  readonly model: string;
  readonly dimension: number;
  readonly usage: { readonly total_tokens: number; readonly duration_ms: number };
}

/** akidb.embedding.v1.GetModelInfoResponse. */
export interface AkidbModelInfo {
  readonly model: string;
  readonly dimension: number;
  readonly max_tokens: number;
}

/** tei.v1.TruncationDirection. */
export const TRUNCATION_LEFT = 1;

/** What tei.v1's requests share. */
export interface TeiTextRequest {
  readonly inputs: string;
  readonly truncate: boolean;
  readonly truncation_direction: number;
  readonly prompt_name?: string;
}

/** tei.v1.EmbedRequest. */
export interface TeiEmbedRequest extends TeiTextRequest {
  readonly normalize?: boolean;
  readonly dimensions?: number;
}

/** tei.v1.Metadata. */
export interface TeiMetadata {
  readonly compute_chars: number;
  readonly compute_tokens: number;
  readonly total_time_ns: number;
  readonly tokenization_time_ns: number;
  readonly queue_time_ns: number;
  readonly inference_time_ns: number;
}

/** tei.v1.EmbedResponse. */
export interface TeiEmbedResponse {
  readonly embeddings: readonly number[];
  readonly metadata: TeiMetadata;
}

/** tei.v1.EmbedAllResponse. */
export interface TeiEmbedAllResponse {
  readonly token_embeddings: readonly { readonly embeddings: readonly number[] }[];
  readonly metadata: TeiMetadata;
}

/** tei.v1.InfoResponse. */
export interface TeiInfoResponse {
  readonly version: string;
  readonly model_id: string;
  readonly model_sha?: string;
  readonly model_dtype: string;
  readonly model_type: number;
  readonly max_concurrent_requests: number;
  readonly max_input_length: number;
  readonly max_batch_tokens: number;
  readonly max_client_batch_size: number;
  readonly tokenization_workers: number;
}

/** tei.v1.EncodeRequest. */
export interface TeiEncodeRequest {
  readonly inputs: string;
  readonly add_special_tokens: boolean;
  readonly prompt_name?: string;
}

/** tei.v1.EncodeResponse. */
export interface TeiEncodeResponse {
  readonly tokens: readonly {
    readonly id: number;
    readonly text: string;
    readonly special: boolean;
    readonly start?: number;
    readonly stop?: number;
  }[];
}

/** tei.v1.DecodeRequest. */
export interface TeiDecodeRequest {
  readonly ids: readonly number[];
  readonly skip_special_tokens: boolean;
}

/** tei.v1.DecodeResponse. */
export interface TeiDecodeResponse {
  readonly text: string;
}
