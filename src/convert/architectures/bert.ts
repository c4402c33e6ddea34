import { ConfigReader } from '../config-reader.js';
import type { Activation, EncoderArchitecture } from './architecture.js';

/** `hidden_act` values of Hugging Face configurations and what they compute. */
const HIDDEN_ACTIVATIONS: Readonly<Record<string, Activation>> = {
  gelu: 'gelu',
  gelu_new: 'gelu_tanh',
  gelu_pytorch_tanh: 'gelu_tanh',
  gelu_fast: 'gelu_tanh',
  relu: 'relu',
  silu: 'silu',
  swish: 'silu',
  tanh: 'tanh',
};

/** BERT: learned absolute positions, token types, normalisation after each residual sum. */
export const bert: EncoderArchitecture = {
  modelType: 'bert',
  prefixes: ['', 'bert.'],
  shape(config) {
    const read = new ConfigReader(config);
    return {
      hiddenSize: read.positiveInteger('hidden_size'),
      layers: read.positiveInteger('num_hidden_layers'),
      heads: read.positiveInteger('num_attention_heads'),
      intermediateSize: read.positiveInteger('intermediate_size'),
      vocabularySize: read.positiveInteger('vocab_size'),
      positions: read.positiveInteger('max_position_embeddings'),
      tokenTypes: read.positiveInteger('type_vocab_size'),
      normEpsilon: read.positiveNumber('layer_norm_eps', 1e-12),
      activation: read.mapped('hidden_act', 'gelu', HIDDEN_ACTIVATIONS),
    };
  },
  embeddings: {
    words: 'embeddings.word_embeddings.weight',
    positions: 'embeddings.position_embeddings.weight',
    tokenTypes: 'embeddings.token_type_embeddings.weight',
    norm: 'embeddings.LayerNorm',
  },
  layer(index) {
    const path = `encoder.layer.${index}`;
    return {
      query: `${path}.attention.self.query`,
      key: `${path}.attention.self.key`,
      value: `${path}.attention.self.value`,
      attentionOutput: `${path}.attention.output.dense`,
      attentionNorm: `${path}.attention.output.LayerNorm`,
      intermediate: `${path}.intermediate.dense`,
      output: `${path}.output.dense`,
      outputNorm: `${path}.output.LayerNorm`,
    };
  },
};
