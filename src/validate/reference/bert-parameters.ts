import { IsovecError } from '../../shared/isovec-error.js';
import type { BertConfig } from './bert-config.js';
import type { LayerNorm } from './layer-norm.js';
import type { Linear } from './linear.js';
import { type ReferenceWeights, requireTensor } from './reference-weights.js';

/** One transformer layer. */
export interface BertLayer {
  readonly query: Linear;
  readonly key: Linear;
  readonly value: Linear;
  readonly attentionOutput: Linear;
  readonly attentionNorm: LayerNorm;
  readonly intermediate: Linear;
  readonly output: Linear;
  readonly outputNorm: LayerNorm;
}

/** All weights of a BERT encoder, without the pooler, which no sentence embedding uses. */
export interface BertParameters {
  readonly words: Float64Array;
  readonly positions: Float64Array;
  readonly tokenTypes: Float64Array;
  readonly embeddingNorm: LayerNorm;
  readonly layers: readonly BertLayer[];
}

/**
 * Loads the weights that a configuration asks for. The names may carry the prefix 'bert.' of a model with a head, and
 * layer norms may be spelled gamma and beta, as TensorFlow checkpoints have them. WEIGHTS_MISMATCH for a tensor that is
 * missing, misshapen, or there twice under two spellings.
 */
export async function loadBertParameters(config: BertConfig, weights: ReferenceWeights): Promise<BertParameters> {
  const { hidden, intermediate } = config;

  const load = async (name: string, shape: readonly number[], older?: string): Promise<Float64Array> => {
    const spellings = [name, `bert.${name}`, ...(older === undefined ? [] : [older, `bert.${older}`])];
    const tensors = await Promise.all(spellings.map((spelling) => weights.tensor(spelling)));
    const found = spellings.filter((_, i) => tensors[i] !== undefined);
    if (found.length > 1) {
      throw new IsovecError(
        'WEIGHTS_MISMATCH',
        `The checkpoint holds one weight under several names: ${found.join(' and ')}. Remove all but the right one.`,
        { data: { tensors: found } },
      );
    }
    const tensor = tensors.find((candidate) => candidate !== undefined);
    return requireTensor(tensor, found[0] ?? name, shape);
  };
  const linear = async (name: string, inFeatures: number, outFeatures: number): Promise<Linear> => ({
    weight: await load(`${name}.weight`, [outFeatures, inFeatures]),
    bias: await load(`${name}.bias`, [outFeatures]),
    inFeatures,
    outFeatures,
  });
  const norm = async (name: string): Promise<LayerNorm> => ({
    weight: await load(`${name}.weight`, [hidden], `${name}.gamma`),
    bias: await load(`${name}.bias`, [hidden], `${name}.beta`),
    epsilon: config.epsilon,
  });

  const layers: BertLayer[] = [];
  for (let i = 0; i < config.layers; i++) {
    const layer = `encoder.layer.${i}`;
    layers.push({
      query: await linear(`${layer}.attention.self.query`, hidden, hidden),
      key: await linear(`${layer}.attention.self.key`, hidden, hidden),
      value: await linear(`${layer}.attention.self.value`, hidden, hidden),
      attentionOutput: await linear(`${layer}.attention.output.dense`, hidden, hidden),
      attentionNorm: await norm(`${layer}.attention.output.LayerNorm`),
      intermediate: await linear(`${layer}.intermediate.dense`, hidden, intermediate),
      output: await linear(`${layer}.output.dense`, intermediate, hidden),
      outputNorm: await norm(`${layer}.output.LayerNorm`),
    });
  }
  return {
    words: await load('embeddings.word_embeddings.weight', [config.vocabulary, hidden]),
    positions: await load('embeddings.position_embeddings.weight', [config.positions, hidden]),
    tokenTypes: await load('embeddings.token_type_embeddings.weight', [config.tokenTypes, hidden]),
    embeddingNorm: await norm('embeddings.LayerNorm'),
    layers,
  };
}
