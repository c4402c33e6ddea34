import { float32FromTensor } from '../formats/safetensors/index.js';
import type { WeightTensor } from '../models/weights.js';
import { IsovecError } from '../shared/isovec-error.js';
import type { EncoderArchitecture, EncoderShape } from './architectures/architecture.js';
import type { SelectedWeights } from './select-weights.js';

/** A large weight that stays in its file until a graph writer decides where the graph finds it. */
export interface MatrixParameter {
  /** Name in the graph. */
  readonly name: string;
  /** [out, in] for a linear layer, [rows, hidden] for a table. */
  readonly tensor: WeightTensor;
}

/** Scale and offset of a layer normalisation, each [hidden]. */
export interface NormParameters {
  readonly scale: Float32Array;
  readonly offset: Float32Array;
}

/** y = x W^T + b. A layer without a bias adds nothing. */
export interface LinearParameters {
  readonly weight: MatrixParameter;
  readonly bias: Float32Array | undefined;
}

/** One transformer layer after the exact algebra of {@link readEncoderParameters}. */
export interface LayerParameters {
  readonly query: LinearParameters;
  readonly key: LinearParameters;
  readonly value: LinearParameters;
  readonly attentionOutput: LinearParameters;
  readonly attentionNorm: NormParameters;
  readonly intermediate: LinearParameters;
  readonly output: LinearParameters;
  readonly outputNorm: NormParameters;
}

/** All parameters of an encoder: small ones in memory, large ones by reference. */
export interface EncoderParameters {
  readonly shape: EncoderShape;
  readonly words: MatrixParameter;
  /** [positions, hidden]. */
  readonly positions: Float32Array;
  /** [tokenTypes, hidden]. */
  readonly tokenTypes: Float32Array;
  readonly embeddingNorm: NormParameters;
  readonly layers: readonly LayerParameters[];
}

/**
 * Reads an encoder's parameters, with two rewrites that are exact in real arithmetic: the key bias is dropped (softmax
 * is invariant to it), and the value bias is folded into the bias of the attention output, b' = b + W b_v, because the
 * attention weights of a token sum to one. The product is accumulated in float64.
 */
export async function readEncoderParameters(
  architecture: EncoderArchitecture,
  shape: EncoderShape,
  weights: SelectedWeights,
): Promise<EncoderParameters> {
  const pick = (name: string): WeightTensor => {
    const tensor = weights.tensors.get(name);
    if (tensor === undefined) throw new IsovecError('INTERNAL', `Tensor ${name} was not selected.`);
    return tensor;
  };
  const matrix = (path: string): MatrixParameter => ({ name: path, tensor: pick(path) });
  const floats = async (name: string): Promise<Float32Array> => {
    const tensor = pick(name);
    return float32FromTensor(await tensor.read(), tensor.dtype);
  };
  const norm = async (path: string): Promise<NormParameters> => ({
    scale: await floats(`${path}.weight`),
    offset: await floats(`${path}.bias`),
  });
  const linear = async (path: string): Promise<LinearParameters> => ({
    weight: matrix(`${path}.weight`),
    bias: await floats(`${path}.bias`),
  });

  const layers: LayerParameters[] = [];
  for (let index = 0; index < shape.layers; index++) {
    const names = architecture.layer(index);
    const valueBias = await floats(`${names.value}.bias`);
    const outputBias = await floats(`${names.attentionOutput}.bias`);
    const outputWeight = await floats(`${names.attentionOutput}.weight`);
    layers.push({
      query: await linear(names.query),
      key: { weight: matrix(`${names.key}.weight`), bias: undefined },
      value: { weight: matrix(`${names.value}.weight`), bias: undefined },
      attentionOutput: {
        weight: matrix(`${names.attentionOutput}.weight`),
        bias: foldBias(outputBias, outputWeight, valueBias),
      },
      attentionNorm: await norm(names.attentionNorm),
      intermediate: await linear(names.intermediate),
      output: await linear(names.output),
      outputNorm: await norm(names.outputNorm),
    });
  }
  return {
    shape,
    words: matrix(architecture.embeddings.words),
    positions: await floats(architecture.embeddings.positions),
    tokenTypes: await floats(architecture.embeddings.tokenTypes),
    embeddingNorm: await norm(architecture.embeddings.norm),
    layers,
  };
}

/** bias + weight x inner, for weight [bias.length, inner.length], accumulated in float64. */
function foldBias(bias: Float32Array, weight: Float32Array, inner: Float32Array): Float32Array {
  const folded = new Float32Array(bias.length);
  for (let row = 0; row < folded.length; row++) {
    let sum = bias[row] ?? 0;
    const begin = row * inner.length;
    for (let column = 0; column < inner.length; column++) sum += (weight[begin + column] ?? 0) * (inner[column] ?? 0);
    folded[row] = sum;
  }
  return folded;
}
