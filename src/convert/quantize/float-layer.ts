import { float32FromTensor } from '../../formats/safetensors/index.js';
import { IsovecError } from '../../shared/isovec-error.js';
import type { LayerParameters, LinearParameters } from '../encoder-parameters.js';
import type { FloatMatrix } from './float-matrix.js';
import type { FloatLayer } from './rewrite-layer.js';

/** Reads the weights of a layer as float32. */
export async function readFloatLayer(layer: LayerParameters): Promise<FloatLayer> {
  const matrix = async ({ weight: { name, tensor } }: LinearParameters): Promise<FloatMatrix> => {
    const [outputs, inputs] = tensor.shape;
    if (outputs === undefined || inputs === undefined) throw new IsovecError('INTERNAL', `${name} is not a matrix.`);
    return { name, values: float32FromTensor(await tensor.read(), tensor.dtype), outputs, inputs };
  };
  const { query, key, value, attentionOutput, intermediate, output, attentionNorm, outputNorm } = layer;
  return {
    query: await matrix(query),
    key: await matrix(key),
    value: await matrix(value),
    attentionOutput: await matrix(attentionOutput),
    intermediate: await matrix(intermediate),
    output: await matrix(output),
    biases: {
      query: biasOf(query),
      attentionOutput: biasOf(attentionOutput),
      intermediate: biasOf(intermediate),
      output: biasOf(output),
    },
    attentionNorm,
    outputNorm,
  };
}

function biasOf({ weight, bias }: LinearParameters): Float32Array {
  return bias ?? new Float32Array(weight.tensor.shape[0] ?? 0);
}
