import { isJsonObject, type JsonObject } from '../../formats/json/parse-json.js';
import { IsovecError } from '../../shared/isovec-error.js';
import type { ModelFiles } from '../model-files.js';
import type { ConfigFields } from './config-fields.js';
import { insideFolder } from './module-path.js';
import { readConfigFile } from './read-config-file.js';

/** What sentence-transformers saves about the Transformer module. */
export interface TransformerSettings {
  /** Longest input in tokens, if the file says so. */
  readonly maxSequenceLength: number | undefined;
  /** Whether texts are lowercased before the tokenizer's own normalisation. */
  readonly lowercases: boolean;
  /** Settings that go over tokenizer_config.json. */
  readonly tokenizerSettings: JsonObject;
}

const NO_SETTINGS: TransformerSettings = { maxSequenceLength: undefined, lowercases: false, tokenizerSettings: {} };

/** The name since version 0.4, then the names that older releases gave it; the first that is not empty counts. */
const FILE_NAMES: readonly string[] = [
  'sentence_bert_config.json',
  'sentence_roberta_config.json',
  'sentence_distilbert_config.json',
  'sentence_camembert_config.json',
  'sentence_albert_config.json',
  'sentence_xlm-roberta_config.json',
  'sentence_xlnet_config.json',
];

/** Keys that change nothing here: padding, storage type and kernels never change a float32 vector. */
const HARMLESS_MODEL_KEYS: ReadonlySet<string> = new Set([
  'trust_remote_code',
  'torch_dtype',
  'dtype',
  'attn_implementation',
  'add_pooling_layer',
  'low_cpu_mem_usage',
  'use_safetensors',
]);

const KNOWN_KEYS: ReadonlySet<string> = new Set([
  'max_seq_length',
  'do_lower_case',
  'transformer_task',
  'modality_config',
  'module_output_name',
  'processing_kwargs',
  'unpad_inputs',
  'query_length',
  'document_length',
  'query_expansion',
  'tokenizer_name_or_path',
  'model_args',
  'model_kwargs',
  'tokenizer_args',
  'processor_kwargs',
  'config_args',
  'config_kwargs',
]);

/**
 * The sentence_bert_config.json (or one of its older names) beside the transformer.
 * CONFIG_INVALID, or ARCHITECTURE_UNSUPPORTED for a setting that isovec does not follow: ignoring one could give
 * other vectors than sentence-transformers.
 */
export async function readTransformerSettings(files: ModelFiles, folder: string): Promise<TransformerSettings> {
  for (const name of FILE_NAMES) {
    const fields = await readConfigFile(files, insideFolder(folder, name));
    if (fields !== undefined && Object.keys(fields.values).length > 0) return readSettings(fields);
  }
  return NO_SETTINGS;
}

function readSettings(fields: ConfigFields): TransformerSettings {
  const unknown = Object.keys(fields.values).find((key) => !KNOWN_KEYS.has(key));
  if (unknown !== undefined) {
    throw new IsovecError(
      'ARCHITECTURE_UNSUPPORTED',
      `${fields.file}: ${unknown} is not a setting that isovec knows.`,
      {
        data: { file: fields.file, key: unknown },
      },
    );
  }
  requireValue(fields, 'transformer_task', 'feature-extraction');
  requireValue(fields, 'module_output_name', 'token_embeddings');
  for (const key of ['query_length', 'document_length', 'query_expansion', 'tokenizer_name_or_path']) {
    if (fields.get(key) !== undefined) throw fields.unsupported(key, 'only null is supported');
  }
  checkModality(fields);
  for (const key of ['model_args', 'model_kwargs']) refuseUnknownKeys(fields, key, HARMLESS_MODEL_KEYS);
  for (const key of ['config_args', 'config_kwargs']) refuseUnknownKeys(fields, key, new Set(['trust_remote_code']));
  return {
    maxSequenceLength: readProcessingLimit(fields) ?? fields.optionalTokenLimit('max_seq_length'),
    lowercases: fields.boolean('do_lower_case', false),
    tokenizerSettings:
      fields.optionalObject('processor_kwargs')?.values ?? fields.optionalObject('tokenizer_args')?.values ?? {},
  };
}

function requireValue(fields: ConfigFields, key: string, expected: string): void {
  const value = fields.optionalString(key);
  if (value !== undefined && value !== expected) throw fields.unsupported(key, `only "${expected}" is supported`);
}

/** Texts must go through `forward` to `last_hidden_state`; chat templates and other inputs are not supported. */
function checkModality(fields: ConfigFields): void {
  const modalities = fields.optionalObject('modality_config');
  if (modalities === undefined) return;
  const text = modalities.get('text');
  const plain =
    isJsonObject(text) && text['method'] === 'forward' && text['method_output_name'] === 'last_hidden_state';
  if (!plain || modalities.get('message') !== undefined) {
    throw fields.unsupported('modality_config', 'only plain text with the output "last_hidden_state" is supported');
  }
}

function refuseUnknownKeys(fields: ConfigFields, key: string, known: ReadonlySet<string>): void {
  const unknown = Object.keys(fields.optionalObject(key)?.values ?? {}).find((name) => !known.has(name));
  if (unknown !== undefined) throw fields.unsupported(key, `its setting "${unknown}" is not followed`);
}

/** `processing_kwargs.text.max_length` beats every other limit; padding never matters, anything else is refused. */
function readProcessingLimit(fields: ConfigFields): number | undefined {
  const processing = fields.optionalObject('processing_kwargs');
  let limit: number | undefined;
  for (const group of Object.keys(processing?.values ?? {})) {
    const settings = processing?.optionalObject(group);
    if (settings === undefined) continue;
    for (const key of Object.keys(settings.values)) {
      const value = settings.values[key];
      const followed =
        key === 'padding' ||
        (group === 'text' && key === 'max_length') ||
        (group === 'text' && key === 'truncation' && (value === true || value === 'longest_first'));
      if (!followed) throw fields.unsupported('processing_kwargs', `its setting "${group}.${key}" is not followed`);
    }
    if (group === 'text') limit = settings.optionalTokenLimit('max_length');
  }
  return limit;
}
