/** Where the config.json of one model type keeps what every transformer has. */
export interface TransformerKeys {
  readonly hiddenSize: string;
  readonly layers: string;
  readonly heads: string;
  readonly vocabulary: string;
  readonly positions: string;
  readonly activation: string;
  /** Rows of the position table that no token uses: RoBERTa-likes begin at `pad_token_id` + 1. */
  readonly unusedPositions: number;
}

const BERT: TransformerKeys = {
  hiddenSize: 'hidden_size',
  layers: 'num_hidden_layers',
  heads: 'num_attention_heads',
  vocabulary: 'vocab_size',
  positions: 'max_position_embeddings',
  activation: 'hidden_act',
  unusedPositions: 0,
};

const KEYS_BY_MODEL_TYPE: ReadonlyMap<string, TransformerKeys> = new Map([['bert', BERT]]);

/** The values of `model_type` in config.json that isovec runs in process. */
export const SUPPORTED_MODEL_TYPES: readonly string[] = [...KEYS_BY_MODEL_TYPE.keys()];

/** The keys of a model type, or undefined if isovec does not support it. */
export function transformerKeys(modelType: string): TransformerKeys | undefined {
  return KEYS_BY_MODEL_TYPE.get(modelType);
}
