import { IsovecError } from '../../shared/isovec-error.js';
import { activate } from './activation.js';
import { attend } from './attention.js';
import type { BertConfig } from './bert-config.js';
import type { BertLayer, BertParameters } from './bert-parameters.js';
import { applyLayerNorm } from './layer-norm.js';
import { applyLinear } from './linear.js';

/**
 * last_hidden_state [tokens, hidden] of one text without padding, token types all zero (Devlin et al. 2018;
 * transformers' BertModel in evaluation mode). INPUT_INVALID for ids outside the vocabulary and for a text that is
 * empty or longer than the position table.
 */
export function bertForward(config: BertConfig, parameters: BertParameters, ids: Int32Array): Float64Array {
  const x = embed(config, parameters, ids);
  return parameters.layers.reduce((hidden, layer) => applyLayer(config, layer, hidden), x);
}

function embed(config: BertConfig, parameters: BertParameters, ids: Int32Array): Float64Array {
  const { hidden } = config;
  if (ids.length === 0 || ids.length > config.positions) {
    throw new IsovecError(
      'INPUT_INVALID',
      `A text of ${ids.length} tokens cannot be computed: this model takes 1 to ${config.positions}.`,
    );
  }
  const x = new Float64Array(ids.length * hidden);
  for (const [token, id] of ids.entries()) {
    if (id < 0 || id >= config.vocabulary) {
      throw new IsovecError(
        'INPUT_INVALID',
        `Token ${token} has the id ${id}; the vocabulary ends at ${config.vocabulary - 1}.`,
        { data: { token, id } },
      );
    }
    for (let i = 0; i < hidden; i++) {
      const word = parameters.words[id * hidden + i] ?? 0;
      const position = parameters.positions[token * hidden + i] ?? 0;
      x[token * hidden + i] = word + (parameters.tokenTypes[i] ?? 0) + position;
    }
  }
  applyLayerNorm(parameters.embeddingNorm, x);
  return x;
}

function applyLayer(config: BertConfig, layer: BertLayer, x: Float64Array): Float64Array {
  const query = applyLinear(layer.query, x);
  const key = applyLinear(layer.key, x);
  const value = applyLinear(layer.value, x);
  const attended = applyLinear(layer.attentionOutput, attend(query, key, value, config.hidden, config.heads));
  add(attended, x);
  applyLayerNorm(layer.attentionNorm, attended);

  const expanded = applyLinear(layer.intermediate, attended);
  activate(expanded, config.activation);
  const output = applyLinear(layer.output, expanded);
  add(output, attended);
  applyLayerNorm(layer.outputNorm, output);
  return output;
}

function add(target: Float64Array, other: Float64Array): void {
  for (let i = 0; i < target.length; i++) target[i] = (target[i] ?? 0) + (other[i] ?? 0);
}
