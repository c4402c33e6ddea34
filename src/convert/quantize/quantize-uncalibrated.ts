import { float32FromTensor } from '../../formats/safetensors/index.js';
import { throwIfAborted } from '../../shared/abort.js';
import { IsovecError } from '../../shared/isovec-error.js';
import type { Activation } from '../architectures/architecture.js';
import type { EncoderParameters, LinearParameters, MatrixParameter } from '../encoder-parameters.js';
import { kernelMatrix } from './kernel-matrix.js';
import type { ActivationScale, QuantizedEncoder, QuantizedInput, QuantizedLinear } from './quantized-encoder.js';
import { largestWeight, roundRows, type WeightBits } from './round-rows.js';

/** How weights are made int8. */
export interface QuantizeOptions {
  readonly weightBits: WeightBits;
  readonly signal?: AbortSignal | undefined;
  /** Called with the layers that are done, and how many there are. */
  readonly onLayer?: ((done: number, total: number) => void) | undefined;
}

/** The scale of a row's own magnitude, which needs no calibration. */
const BY_ROW: QuantizedInput = { multiplier: undefined, scale: { kind: 'row' } };

/**
 * The recipe that knows nothing but the weights: rounded to nearest with a scale a column, activations with a scale a
 * row. The embedding table is int8, too, with a scale a row. Throws ABORTED.
 */
export async function quantizeUncalibrated(
  parameters: EncoderParameters,
  { weightBits, signal, onLayer }: QuantizeOptions,
): Promise<QuantizedEncoder> {
  const linear = async ({ weight, bias }: LinearParameters): Promise<QuantizedLinear> => {
    throwIfAborted(signal);
    return { weight: await roundWeight(weight, weightBits), bias };
  };
  const { shape } = parameters;
  const activated: QuantizedInput = { multiplier: undefined, scale: scaleAfter(shape.activation) };
  const layers = [];
  for (const [index, layer] of parameters.layers.entries()) {
    onLayer?.(index, shape.layers);
    layers.push({
      attentionInput: BY_ROW,
      query: await linear(layer.query),
      key: await linear(layer.key),
      value: await linear(layer.value),
      contextInput: BY_ROW,
      attentionOutput: await linear(layer.attentionOutput),
      attentionNorm: layer.attentionNorm,
      feedForwardInput: BY_ROW,
      feedForward: [
        {
          intermediate: await linear(layer.intermediate),
          activated,
          output: await roundWeight(layer.output.weight, weightBits),
        },
      ],
      feedForwardBias: layer.output.bias,
      outputNorm: layer.outputNorm,
    });
  }
  throwIfAborted(signal);
  const words = await quantizeTable(parameters.words, shape.hiddenSize);
  onLayer?.(shape.layers, shape.layers);
  const { positions, tokenTypes, embeddingNorm } = parameters;
  return { shape, words, positions, tokenTypes, embeddingNorm, layers };
}

/** A table [rows, hidden] in int8 with a scale a row. It is looked up, not multiplied, so that 8 bits are always safe. */
export async function quantizeTable(table: MatrixParameter, hiddenSize: number): Promise<QuantizedEncoder['words']> {
  return roundRows(await floats(table), hiddenSize, largestWeight(8));
}

/** The scale of what an activation gives: where it is a GELU, most of the negative half would be wasted. */
export function scaleAfter(activation: Activation): ActivationScale {
  return { kind: activation === 'gelu' || activation === 'gelu_tanh' ? 'row-gelu' : 'row' };
}

/** A published weight [out, in] rounded to nearest: a scale a row of it is a scale a column of the result [in, out]. */
async function roundWeight(weight: MatrixParameter, bits: WeightBits): Promise<QuantizedLinear['weight']> {
  const [, rows] = weight.tensor.shape;
  if (rows === undefined) throw new IsovecError('INTERNAL', `${weight.name} is not a matrix.`);
  return kernelMatrix(weight.name, roundRows(await floats(weight), rows, largestWeight(bits)));
}

async function floats({ tensor }: MatrixParameter): Promise<Float32Array> {
  return float32FromTensor(await tensor.read(), tensor.dtype);
}
