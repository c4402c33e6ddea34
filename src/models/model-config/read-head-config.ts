import type { ModelFiles } from '../model-files.js';
import type { DenseActivation, DenseModule, LayerNormModule, NormalizeModule } from '../model-record.js';
import type { ConfigFields } from './config-fields.js';
import { insideFolder } from './module-path.js';
import { readConfigFile, requireConfigFile } from './read-config-file.js';

/** torch classes, called without arguments as sentence-transformers does. */
const ACTIVATIONS: ReadonlyMap<string, DenseActivation> = new Map([
  ['Identity', 'identity'],
  ['Tanh', 'tanh'],
  ['ReLU', 'relu'],
  ['GELU', 'gelu'],
  ['Sigmoid', 'sigmoid'],
  ['SiLU', 'silu'],
]);

/** Public and defining modules of torch.nn under which a class is saved. */
const TORCH_CLASS = /^torch\.nn\.(?:modules\.(?:activation\.|linear\.)?)?([A-Za-z]+)$/;

/** config.json of a Dense module. MODEL_FILE_MISSING, CONFIG_INVALID, or ARCHITECTURE_UNSUPPORTED (activation, input). */
export async function readDenseConfig(files: ModelFiles, folder: string): Promise<DenseModule> {
  const name = insideFolder(folder, 'config.json');
  const fields = await requireConfigFile(files, name, 'it says what the Dense module computes');
  checkFeatureNames(fields);
  const inFeatures = fields.positiveInteger('in_features');
  const outFeatures = fields.positiveInteger('out_features');
  const residual = fields.boolean('use_residual', false);
  if (residual && inFeatures !== outFeatures) {
    throw fields.unsupported('use_residual', 'a residual is supported only where in_features equals out_features');
  }
  return {
    kind: 'dense',
    path: folder,
    inFeatures,
    outFeatures,
    bias: fields.boolean('bias', true),
    activation: readActivation(fields),
    residual,
  };
}

/** config.json of a LayerNorm module over the pooled vector. MODEL_FILE_MISSING or CONFIG_INVALID. */
export async function readLayerNormConfig(files: ModelFiles, folder: string): Promise<LayerNormModule> {
  const name = insideFolder(folder, 'config.json');
  const fields = await requireConfigFile(files, name, 'it says the dimension of the LayerNorm module');
  return { kind: 'layernorm', path: folder, dimension: fields.positiveInteger('dimension') };
}

/** A Normalize module; its config.json is optional and may only name the pooled vector. */
export async function readNormalizeConfig(files: ModelFiles, folder: string): Promise<NormalizeModule> {
  // A Normalize module without a folder of its own must not read the transformer's config.json.
  const fields = folder === '' ? undefined : await readConfigFile(files, insideFolder(folder, 'config.json'));
  if (fields !== undefined) checkFeatureNames(fields);
  return { kind: 'normalize' };
}

/** Absent means Tanh, the default of sentence-transformers. */
function readActivation(fields: ConfigFields): DenseActivation {
  if (!Object.hasOwn(fields.values, 'activation_function')) return 'tanh';
  const name = fields.string('activation_function');
  const activation = ACTIVATIONS.get(TORCH_CLASS.exec(name)?.[1] ?? '');
  if (activation !== undefined) return activation;
  throw fields.unsupported(
    'activation_function',
    `supported are ${[...ACTIVATIONS.keys()].join(', ')} of torch.nn without arguments`,
  );
}

/** Modules may be wired to other features, such as token vectors, in 5.4 and later. */
function checkFeatureNames(fields: ConfigFields): void {
  for (const key of ['module_input_name', 'module_output_name']) {
    const value = fields.optionalString(key);
    if (value !== undefined && value !== 'sentence_embedding') {
      throw fields.unsupported(key, 'only "sentence_embedding" is supported');
    }
  }
}
