import type { JsonObject } from '../../formats/json/parse-json.js';

/** Activations inside a transformer, by what they compute. */
export type Activation = 'gelu' | 'gelu_tanh' | 'relu' | 'silu' | 'tanh';

/** Sizes of an encoder, read from its config.json. */
export interface EncoderShape {
  readonly hiddenSize: number;
  readonly layers: number;
  readonly heads: number;
  readonly intermediateSize: number;
  readonly vocabularySize: number;
  /** Rows of the position table. */
  readonly positions: number;
  /** Rows of the token-type table. */
  readonly tokenTypes: number;
  readonly normEpsilon: number;
  readonly activation: Activation;
}

/** A size of a tensor with the config.json key it comes from, for messages. */
export interface Dimension {
  readonly key: string;
  readonly size: number;
}

/** A tensor that an architecture needs. */
export interface RequiredTensor {
  readonly name: string;
  readonly dimensions: readonly Dimension[];
}

/** Tensor names of a linear layer or a layer normalisation: `<path>.weight` and `<path>.bias`. */
export interface LayerNames {
  readonly query: string;
  readonly key: string;
  readonly value: string;
  readonly attentionOutput: string;
  readonly attentionNorm: string;
  readonly intermediate: string;
  readonly output: string;
  readonly outputNorm: string;
}

/**
 * One kind of encoder. It declares and never branches: where weights are, how positions count, and which sizes the
 * configuration gives; the graph writers do the rest.
 */
export interface EncoderArchitecture {
  /** `model_type` of config.json. */
  readonly modelType: string;
  /** Reads the sizes; CONFIG_INVALID or ARCHITECTURE_UNSUPPORTED naming the key. */
  shape(config: JsonObject): EncoderShape;
  /** Prefixes under which checkpoints of this kind keep their tensors, the usual one first. */
  readonly prefixes: readonly string[];
  readonly embeddings: {
    readonly words: string;
    readonly positions: string;
    readonly tokenTypes: string;
    readonly norm: string;
  };
  layer(index: number): LayerNames;
}
