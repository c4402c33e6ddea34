import type { JsonObject } from '../../formats/json/parse-json.js';
import { isJsonObject } from '../../formats/json/parse-json.js';
import { IsovecError } from '../../shared/isovec-error.js';
import type { ModelFiles } from '../model-files.js';
import type { ConfigFields } from './config-fields.js';
import { insideFolder } from './module-path.js';
import { requireConfigFile } from './read-config-file.js';
import { SUPPORTED_MODEL_TYPES, transformerKeys, type TransformerKeys } from './transformer-keys.js';

/** What every transformer's config.json says, checked. */
export interface TransformerConfig {
  readonly modelType: string;
  /** config.json itself. */
  readonly values: JsonObject;
  readonly hiddenSize: number;
  /** Longest input that the position table can number. */
  readonly usablePositions: number;
  readonly vocabularySize: number;
  /** `architectures`: the classes that the checkpoint was saved from. */
  readonly architectures: readonly string[];
}

/**
 * Bounds far above any published model. Nothing is allocated from these numbers, but sums and products of them must
 * stay exact and be compared with the real tensors later (CWE-789).
 */
const MAX_HIDDEN_SIZE = 65_536;
const MAX_LAYERS = 1_024;
const MAX_HEADS = 1_024;
const MAX_TABLE_ROWS = 16_777_216;

/** Names of transformers' `ACT2FN` that the graph writer knows. */
const ACTIVATIONS: readonly string[] = [
  'gelu',
  'gelu_new',
  'gelu_pytorch_tanh',
  'gelu_fast',
  'relu',
  'silu',
  'swish',
  'tanh',
];

const SUPPORTED_ONLY = `supported are ${ACTIVATIONS.join(', ')}`;

/**
 * config.json of the transformer in `folder` ('' for the root), with the checks that all architectures share.
 * MODEL_FILE_MISSING, FORMAT_INVALID (not JSON), CONFIG_INVALID (a value breaks a rule) and ARCHITECTURE_UNSUPPORTED
 * (unknown model type or activation, decoders, relative positions), each naming the file and the key.
 */
export async function readTransformerConfig(files: ModelFiles, folder: string): Promise<TransformerConfig> {
  const name = insideFolder(folder, 'config.json');
  const fields = await requireConfigFile(files, name, 'it says what the transformer is');
  refuseAdapter(files, folder);
  const modelType = fields.string('model_type');
  const keys = transformerKeys(modelType);
  if (keys === undefined) {
    throw fields.unsupported('model_type', `supported model types are ${SUPPORTED_MODEL_TYPES.join(', ')}`);
  }
  const hiddenSize = fields.positiveInteger(keys.hiddenSize, MAX_HIDDEN_SIZE);
  fields.positiveInteger(keys.layers, MAX_LAYERS);
  const heads = fields.positiveInteger(keys.heads, MAX_HEADS);
  const vocabularySize = fields.positiveInteger(keys.vocabulary, MAX_TABLE_ROWS);
  const positions = fields.positiveInteger(keys.positions, MAX_TABLE_ROWS);
  if (hiddenSize % heads !== 0) {
    throw new IsovecError(
      'CONFIG_INVALID',
      `${name}: ${keys.hiddenSize} ${hiddenSize} must be divisible by ${keys.heads} ${heads}.`,
      { data: { file: name, key: keys.heads } },
    );
  }
  checkKind(fields, keys);
  return {
    modelType,
    values: fields.values,
    hiddenSize,
    usablePositions: positions - keys.unusedPositions,
    vocabularySize,
    architectures: readArchitectures(fields),
  };
}

/** Settings that change the computation in ways that the graph writer does not do. */
function checkKind(fields: ConfigFields, keys: TransformerKeys): void {
  const activation = fields.optionalString(keys.activation);
  if (activation !== undefined && !ACTIVATIONS.includes(activation)) {
    throw fields.unsupported(keys.activation, SUPPORTED_ONLY);
  }
  for (const key of ['is_decoder', 'is_encoder_decoder', 'add_cross_attention']) {
    if (fields.boolean(key, false)) throw fields.unsupported(key, 'only encoders are supported');
  }
  const positions = fields.optionalString('position_embedding_type');
  if (positions !== undefined && positions !== 'absolute') {
    throw fields.unsupported('position_embedding_type', 'only "absolute" is supported');
  }
  if (fields.get('quantization_config') !== undefined) {
    throw fields.unsupported('quantization_config', 'use the unquantised checkpoint');
  }
  const pruned = fields.get('pruned_heads');
  if (isJsonObject(pruned) && Object.keys(pruned).length > 0) {
    throw fields.unsupported('pruned_heads', 'use a checkpoint with all heads');
  }
  // A repository with its own model class may compute anything under a familiar model_type.
  const autoMap = fields.get('auto_map');
  if (isJsonObject(autoMap) && Object.keys(autoMap).some((key) => key.startsWith('AutoModel'))) {
    throw fields.unsupported('auto_map', 'isovec runs no code that comes with a model');
  }
}

function readArchitectures(fields: ConfigFields): readonly string[] {
  const value = fields.get('architectures');
  if (value === undefined) return [];
  if (!Array.isArray(value) || !value.every((item) => typeof item === 'string')) {
    throw fields.invalid('architectures', 'an array of strings');
  }
  return value;
}

/** Adapters (PEFT) change the weights when they are loaded; running the bare checkpoint would be silently wrong. */
function refuseAdapter(files: ModelFiles, folder: string): void {
  const adapter = insideFolder(folder, 'adapter_config.json');
  if (!files.files.has(adapter)) return;
  throw new IsovecError(
    'ARCHITECTURE_UNSUPPORTED',
    `${adapter} declares an adapter, which isovec does not apply; merge it into the weights and save the model again.`,
    { data: { file: adapter } },
  );
}
