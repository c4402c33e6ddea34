import type { DenseModule, LayerNormModule, PipelineModule } from '../../models/model-record.js';
import { activate } from './activation.js';
import { applyLayerNorm } from './layer-norm.js';
import { applyLinear, type Linear } from './linear.js';
import { type ReferenceTensor, type ReferenceWeights, requireTensor } from './reference-weights.js';

/** Turns one pooled vector into the next one. */
export type VectorStep = (vector: Float64Array) => Float64Array;

/** A module after pooling. */
export type VectorModule = Exclude<PipelineModule, { kind: 'pooling' }>;

/** Loads a module that works on the pooled vector. WEIGHTS_MISMATCH if its weights do not fit its configuration. */
export async function loadVectorStep(module: VectorModule, weights: ReferenceWeights): Promise<VectorStep> {
  switch (module.kind) {
    case 'dense':
      return loadDense(module, weights);
    case 'layernorm':
      return loadLayerNorm(module, weights);
    case 'normalize':
      return normalize;
  }
}

async function loadDense(module: DenseModule, weights: ReferenceWeights): Promise<VectorStep> {
  const { path, inFeatures, outFeatures } = module;
  const load = async (name: string, shape: readonly number[]): Promise<Float64Array> =>
    requireModuleTensor(await weights.moduleTensor(path, name), path, name, shape);
  const linear: Linear = {
    weight: await load('linear.weight', [outFeatures, inFeatures]),
    bias: module.bias ? await load('linear.bias', [outFeatures]) : undefined,
    inFeatures,
    outFeatures,
  };
  // A residual between different sizes goes through a projection of its own, without a bias.
  const projection: Linear | undefined =
    module.residual && inFeatures !== outFeatures
      ? { weight: await load('residual.weight', [outFeatures, inFeatures]), bias: undefined, inFeatures, outFeatures }
      : undefined;
  return (vector) => {
    const result = applyLinear(linear, vector);
    activate(result, module.activation);
    if (!module.residual) return result;
    const residual = projection === undefined ? vector : applyLinear(projection, vector);
    return result.map((value, i) => value + (residual[i] ?? 0));
  };
}

async function loadLayerNorm(module: LayerNormModule, weights: ReferenceWeights): Promise<VectorStep> {
  const { path, dimension } = module;
  const load = async (name: string): Promise<Float64Array> =>
    requireModuleTensor(await weights.moduleTensor(path, name), path, name, [dimension]);
  // The epsilon is torch's default: the module does not store one.
  const norm = { weight: await load('norm.weight'), bias: await load('norm.bias'), epsilon: 1e-5 };
  return (vector) => {
    const result = vector.slice();
    applyLayerNorm(norm, result);
    return result;
  };
}

/** x / max(|x|, 1e-12). */
function normalize(vector: Float64Array): Float64Array {
  const norm = Math.sqrt(vector.reduce((sum, value) => sum + value * value, 0));
  return vector.map((value) => value / Math.max(norm, 1e-12));
}

function requireModuleTensor(
  tensor: ReferenceTensor | undefined,
  path: string,
  name: string,
  shape: readonly number[],
): Float64Array {
  return requireTensor(tensor, `${path}/${name}`, shape);
}
