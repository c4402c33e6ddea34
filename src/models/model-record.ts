import type { JsonObject } from '../formats/json/parse-json.js';

/** How token vectors become text vectors, in sentence-transformers' names. */
export type PoolingMode = 'cls' | 'max' | 'mean' | 'mean_sqrt_len_tokens' | 'weightedmean' | 'lasttoken';

/** Similarity functions of sentence-transformers; distances are negated. */
export type SimilarityName = 'cosine' | 'dot' | 'euclidean' | 'manhattan';

/** Activations of a Dense module, by their torch class. */
export type DenseActivation = 'identity' | 'tanh' | 'relu' | 'gelu' | 'gelu_tanh' | 'sigmoid' | 'silu';

/** Pools [tokens, hidden] to [modes x hidden]: several modes are concatenated in the listed order. */
export interface PoolingModule {
  readonly kind: 'pooling';
  readonly modes: readonly PoolingMode[];
  /** Whether the tokens of the prompt take part in pooling. */
  readonly includePrompt: boolean;
}

/** y = activation(W x + b), with W [outFeatures, inFeatures] in `<path>/model.safetensors` as linear.weight. */
export interface DenseModule {
  readonly kind: 'dense';
  /** Folder of the module inside the model, e.g. '2_Dense'. */
  readonly path: string;
  readonly inFeatures: number;
  readonly outFeatures: number;
  readonly bias: boolean;
  readonly activation: DenseActivation;
  /** Whether the input is added to the output (5.4 and later). */
  readonly residual: boolean;
}

/** Layer normalisation of the pooled vector: `norm.weight`, `norm.bias` in `<path>/model.safetensors`. */
export interface LayerNormModule {
  readonly kind: 'layernorm';
  readonly path: string;
  readonly dimension: number;
}

/** x / max(|x|, 1e-12). */
export interface NormalizeModule {
  readonly kind: 'normalize';
}

/** A step after the transformer. */
export type PipelineModule = PoolingModule | DenseModule | LayerNormModule | NormalizeModule;

/** Everything that the configuration files of a checkpoint say, read from either generation and checked. */
export interface ModelRecord {
  readonly id: string;
  readonly revision: string | undefined;
  /** Folder of the transformer inside the model: '' for the root. */
  readonly transformerPath: string;
  /** `model_type` of config.json. */
  readonly modelType: string;
  /** config.json itself; architectures read their own keys from it. */
  readonly transformerConfig: JsonObject;
  /** Longest input in tokens, special tokens included. */
  readonly maxSequenceLength: number;
  /** Steps after the transformer, in order. */
  readonly pipeline: readonly PipelineModule[];
  /** Length of the final vector, before {@link truncateDimension}. */
  readonly dimensions: number;
  /** Saved `truncate_dim`: vectors are cut to this length, and not renormalised. */
  readonly truncateDimension: number | undefined;
  /** Prompts by name, as saved. */
  readonly prompts: Readonly<Record<string, string>>;
  readonly defaultPromptName: string | undefined;
  readonly similarity: SimilarityName;
}
