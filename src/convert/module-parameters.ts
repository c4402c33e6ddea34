import { float32FromTensor } from '../formats/safetensors/index.js';
import type { DenseActivation, NormalizeModule, PipelineModule, PoolingModule } from '../models/model-record.js';
import type { WeightTensor } from '../models/weights.js';
import { IsovecError } from '../shared/isovec-error.js';
import type { RequiredTensor } from './architectures/architecture.js';
import type { LinearParameters, NormParameters } from './encoder-parameters.js';
import { selectWeights } from './select-weights.js';

/** A step after the transformer with its parameters. */
export type ModuleParameters =
  | PoolingModule
  | NormalizeModule
  | {
      readonly kind: 'dense';
      readonly name: string;
      readonly linear: LinearParameters;
      readonly inFeatures: number;
      readonly outFeatures: number;
      readonly activation: DenseActivation;
      readonly residual: boolean;
    }
  | { readonly kind: 'layernorm'; readonly name: string; readonly norm: NormParameters; readonly dimension: number };

/** Tensors of a module by the names in its own file; the key is the module's folder. */
export type ModuleTensors = ReadonlyMap<string, ReadonlyMap<string, WeightTensor>>;

/** Tensors that a module needs in its own file. */
export function requiredModuleTensors(module: PipelineModule): RequiredTensor[] {
  switch (module.kind) {
    case 'dense': {
      const out = { key: 'out_features', size: module.outFeatures };
      const weight = { name: 'linear.weight', dimensions: [out, { key: 'in_features', size: module.inFeatures }] };
      return module.bias ? [weight, { name: 'linear.bias', dimensions: [out] }] : [weight];
    }
    case 'layernorm': {
      const dimension = { key: 'dimension', size: module.dimension };
      return ['norm.weight', 'norm.bias'].map((name) => ({ name, dimensions: [dimension] }));
    }
    case 'pooling':
    case 'normalize':
      return [];
  }
}

/** Reads the parameters of the steps after the transformer; WEIGHTS_MISMATCH names a module's file and tensors. */
export async function readModuleParameters(
  pipeline: readonly PipelineModule[],
  tensors: ModuleTensors,
): Promise<ModuleParameters[]> {
  const parameters: ModuleParameters[] = [];
  for (const module of pipeline) parameters.push(await readModule(module, tensors));
  return parameters;
}

async function readModule(module: PipelineModule, tensors: ModuleTensors): Promise<ModuleParameters> {
  if (module.kind === 'pooling' || module.kind === 'normalize') return module;
  const available = tensors.get(module.path) ?? new Map<string, WeightTensor>();
  const file = `${module.path}/model.safetensors`;
  const selected = selectWeights(available, requiredModuleTensors(module), [''], file).tensors;
  const pick = (name: string): WeightTensor => {
    const tensor = selected.get(name);
    if (tensor === undefined) throw new IsovecError('INTERNAL', `Tensor ${name} of ${file} was not selected.`);
    return tensor;
  };
  const floats = async (name: string): Promise<Float32Array> =>
    float32FromTensor(await pick(name).read(), pick(name).dtype);
  if (module.kind === 'layernorm') {
    const norm = { scale: await floats('norm.weight'), offset: await floats('norm.bias') };
    return { kind: 'layernorm', name: module.path, norm, dimension: module.dimension };
  }
  return {
    kind: 'dense',
    name: module.path,
    linear: {
      weight: { name: `${module.path}/linear.weight`, tensor: pick('linear.weight') },
      bias: module.bias ? await floats('linear.bias') : undefined,
    },
    inFeatures: module.inFeatures,
    outFeatures: module.outFeatures,
    activation: module.activation,
    residual: module.residual,
  };
}
