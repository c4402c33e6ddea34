import type { EncoderShape } from '../architectures/architecture.js';
import type { NormParameters } from '../encoder-parameters.js';

/**
 * An int8 weight as integer kernels take it: [rows = in, columns = out], row-major, one scale a column;
 * w is about values * scales[column].
 */
export interface QuantizedMatrix {
  /** Name in the graph. */
  readonly name: string;
  readonly rows: number;
  readonly columns: number;
  readonly values: Int8Array;
  readonly scales: Float32Array;
}

/** How the uint8 input of a layer gets its scale. */
export type ActivationScale =
  /** One scale for every token, measured in calibration. */
  | { readonly kind: 'static'; readonly scale: number; readonly zeroPoint: number }
  /** Of each token's row: largest magnitude / 127, zero point 128. */
  | { readonly kind: 'row' }
  /** Of each token's row after a GELU, which is never below -0.17: largest value / 239, zero point 16. */
  | { readonly kind: 'row-gelu' };

/** A linear layer with int8 weights. A layer without a bias adds nothing. */
export interface QuantizedLinear {
  readonly weight: QuantizedMatrix;
  readonly bias: Float32Array | undefined;
}

/**
 * Input of one or more linear layers: multiplied by `multiplier` [channels] where there is one, then quantised, then
 * widened: the layers' [in] are all channels, and after them those of `repeated` once more.
 */
export interface QuantizedInput {
  /** The inverse of what smoothing multiplied the weights' rows with. */
  readonly multiplier: Float32Array | undefined;
  readonly repeated?: Uint32Array | undefined;
  readonly scale: ActivationScale;
}

/** Some channels of a feed-forward block: a block of its own, whose result is added to those of the others. */
export interface QuantizedFeedForward {
  readonly intermediate: QuantizedLinear;
  /** The activated channels, as `output` takes them. */
  readonly activated: QuantizedInput;
  readonly output: QuantizedMatrix;
}

/** One transformer layer in int8. Attention itself, the activation and the norms stay float32. */
export interface QuantizedLayer {
  readonly attentionInput: QuantizedInput;
  readonly query: QuantizedLinear;
  readonly key: QuantizedLinear;
  readonly value: QuantizedLinear;
  readonly contextInput: QuantizedInput;
  readonly attentionOutput: QuantizedLinear;
  readonly attentionNorm: NormParameters;
  readonly feedForwardInput: QuantizedInput;
  /** One part, or channels with outliers apart from the rest. */
  readonly feedForward: readonly QuantizedFeedForward[];
  /** Added to the sum of the parts. */
  readonly feedForwardBias: Float32Array | undefined;
  readonly outputNorm: NormParameters;
}

/** An encoder in int8: what a recipe makes of a checkpoint, and what graphs are written from. */
export interface QuantizedEncoder {
  readonly shape: EncoderShape;
  /** [vocabulary, hidden], one scale a row. */
  readonly words: { readonly values: Int8Array; readonly scales: Float32Array };
  /** [positions, hidden]. */
  readonly positions: Float32Array;
  /** [tokenTypes, hidden]. */
  readonly tokenTypes: Float32Array;
  readonly embeddingNorm: NormParameters;
  readonly layers: readonly QuantizedLayer[];
}
