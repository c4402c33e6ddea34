import type { ModelRecord } from '../../models/model-record.js';
import { IsovecError } from '../../shared/isovec-error.js';
import { hiddenActivation, type ReferenceActivation } from './activation.js';

/** What config.json says about a BERT encoder. */
export interface BertConfig {
  readonly hidden: number;
  readonly layers: number;
  readonly heads: number;
  readonly intermediate: number;
  readonly vocabulary: number;
  readonly positions: number;
  readonly tokenTypes: number;
  readonly epsilon: number;
  readonly activation: ReferenceActivation;
}

/**
 * Reads the BERT keys of config.json; a missing key has the default of transformers' BertConfig.
 * ARCHITECTURE_UNSUPPORTED for another architecture, CONFIG_INVALID for a value that makes no sense.
 */
export function readBertConfig(record: ModelRecord): BertConfig {
  const config = record.transformerConfig;
  if (record.modelType !== 'bert') throw unsupported('model_type', record.modelType);
  if (config['is_decoder'] === true) throw unsupported('is_decoder', true);
  const positionScheme = config['position_embedding_type'] ?? 'absolute';
  if (positionScheme !== 'absolute') throw unsupported('position_embedding_type', positionScheme);
  const activationName = config['hidden_act'] ?? 'gelu';
  const activation = typeof activationName === 'string' ? hiddenActivation(activationName) : undefined;
  if (activation === undefined) throw unsupported('hidden_act', activationName);

  const whole = (key: string, otherwise: number): number => {
    const value = config[key] ?? otherwise;
    if (typeof value !== 'number' || !Number.isSafeInteger(value) || value < 1) throw invalid(key, value);
    return value;
  };
  const epsilon = config['layer_norm_eps'] ?? 1e-12;
  if (typeof epsilon !== 'number' || !(epsilon >= 0)) throw invalid('layer_norm_eps', epsilon);
  const hidden = whole('hidden_size', 768);
  const heads = whole('num_attention_heads', 12);
  if (hidden % heads !== 0) throw invalid('num_attention_heads', heads);
  return {
    hidden,
    layers: whole('num_hidden_layers', 12),
    heads,
    intermediate: whole('intermediate_size', 3072),
    vocabulary: whole('vocab_size', 30522),
    positions: whole('max_position_embeddings', 512),
    tokenTypes: whole('type_vocab_size', 2),
    epsilon,
    activation,
  };
}

function unsupported(key: string, value: unknown): IsovecError {
  return new IsovecError(
    'ARCHITECTURE_UNSUPPORTED',
    `The float64 reference computes BERT encoders only; config.json has ${key} ${JSON.stringify(value)}.`,
    { data: { key } },
  );
}

function invalid(key: string, value: unknown): IsovecError {
  return new IsovecError('CONFIG_INVALID', `config.json: ${key} cannot be ${JSON.stringify(value)}.`, {
    data: { key },
  });
}
