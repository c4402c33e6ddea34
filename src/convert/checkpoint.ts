import type { ModelFiles } from '../models/model-files.js';
import type { ModelRecord } from '../models/model-record.js';
import { openWeights, type Weights, type WeightTensor } from '../models/weights.js';
import { findArchitecture } from './architectures/find-architecture.js';
import { type EncoderParameters, readEncoderParameters } from './encoder-parameters.js';
import { type ModuleParameters, readModuleParameters, requiredModuleTensors } from './module-parameters.js';
import { requiredTensors } from './required-tensors.js';
import { selectWeights } from './select-weights.js';

/** The parameters of a model with its weight files open. */
export interface Checkpoint {
  readonly encoder: EncoderParameters;
  readonly modules: readonly ModuleParameters[];
  /** All weights of the model: of the transformer, and of the steps after it. */
  readonly weights: readonly Weights[];
  /** The tensors that the graph uses. */
  readonly used: ReadonlySet<WeightTensor>;
  /** Tensors that no part of the graph uses, those of a module with its folder in front. */
  readonly unused: readonly string[];
  close(): Promise<void>;
}

/**
 * Opens the weights of a model and reads its parameters. Throws MODEL_FILE_MISSING, FORMAT_INVALID, WEIGHTS_MISMATCH
 * or ARCHITECTURE_UNSUPPORTED; nothing stays open then.
 */
export async function openCheckpoint(files: ModelFiles, record: ModelRecord): Promise<Checkpoint> {
  const architecture = findArchitecture(record.modelType);
  const shape = architecture.shape(record.transformerConfig);
  const opened: Weights[] = [];
  const close = async (): Promise<void> => {
    await Promise.all(opened.map((weights) => weights.close()));
  };
  const openTensors = async (path: string): Promise<ReadonlyMap<string, WeightTensor>> => {
    const weights = await openWeights(files, path);
    opened.push(weights);
    return weights.tensors;
  };
  try {
    const available = await openTensors(record.transformerPath);
    const required = requiredTensors(architecture, shape);
    const weightsFile = [...available.values()][0]?.file.name ?? 'model.safetensors';
    const selected = selectWeights(available, required, architecture.prefixes, weightsFile);
    const moduleTensors = new Map<string, ReadonlyMap<string, WeightTensor>>();
    for (const module of record.pipeline) {
      if (module.kind === 'dense' || module.kind === 'layernorm') {
        moduleTensors.set(module.path, await openTensors(module.path));
      }
    }
    const used = new Set(selected.tensors.values());
    const unused = [...selected.unused];
    for (const module of record.pipeline) {
      if (module.kind !== 'dense' && module.kind !== 'layernorm') continue;
      const needed = new Set(requiredModuleTensors(module).map(({ name }) => name));
      for (const [name, tensor] of moduleTensors.get(module.path) ?? []) {
        if (needed.has(name)) used.add(tensor);
        else unused.push(`${module.path}/${name}`);
      }
    }
    return {
      encoder: await readEncoderParameters(architecture, shape, selected),
      modules: await readModuleParameters(record.pipeline, moduleTensors),
      weights: opened,
      used,
      unused,
      close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}
