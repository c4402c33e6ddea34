import { createHash } from 'node:crypto';

/** The parameters of one fusion layer, for vectors of one length. */
export interface FusionLayer {
  /** Length of what goes in and comes out: that of the semantic vector and 16. */
  readonly size: number;
  /** Of the linear step: its diagonal [size] where all else is 0, or the whole matrix [size x size], a row an output. */
  readonly matrix: { readonly kind: 'diagonal' | 'full'; readonly values: Float32Array };
  /** [size] each: bias of the linear step, weight and bias of the normalisation. */
  readonly bias: Float32Array;
  readonly normWeight: Float32Array;
  readonly normBias: Float32Array;
}

/** How meaning and cognitive dimensions become one vector. Vectors of different weights are of different spaces. */
export interface FusionWeights {
  /** For people: the kind, its version and its settings. */
  readonly name: string;
  /** SHA-256, hexadecimal: equal digests, equal layers. */
  readonly digest: string;
  /** The layer for semantic vectors of some length. WEIGHTS_MISMATCH if the weights are for another one. */
  readonly layer: (semanticDimensions: number) => FusionLayer;
}

/** The digest of weights that follow from a name: its version changes when other weights would follow. */
export function digestOfName(name: string): string {
  return createHash('sha256').update(`isovec fusion ${name}`).digest('hex');
}
