import type { ModelRecord, PoolingModule } from '../../models/model-record.js';
import { IsovecError } from '../../shared/isovec-error.js';
import { type BertConfig, readBertConfig } from './bert-config.js';
import { bertForward } from './bert-forward.js';
import { type BertParameters, loadBertParameters } from './bert-parameters.js';
import { poolTokens } from './pool-tokens.js';
import type { ReferenceWeights } from './reference-weights.js';
import { loadVectorStep, type VectorStep } from './vector-step.js';

/**
 * A sentence-transformers model in float64 and plain loops: what its weights say, free of float32 rounding and of
 * every library that the engine uses. It exists to check the engine, and takes seconds where the engine takes
 * milliseconds.
 */
export class ReferenceModel {
  readonly #config: BertConfig;
  readonly #parameters: BertParameters;
  readonly #pooling: PoolingModule;
  readonly #steps: readonly VectorStep[];
  readonly #truncateDimension: number | undefined;

  private constructor(
    config: BertConfig,
    parameters: BertParameters,
    pooling: PoolingModule,
    steps: readonly VectorStep[],
    truncateDimension: number | undefined,
  ) {
    this.#config = config;
    this.#parameters = parameters;
    this.#pooling = pooling;
    this.#steps = steps;
    this.#truncateDimension = truncateDimension;
  }

  /**
   * Loads all weights, eight bytes each. ARCHITECTURE_UNSUPPORTED for a model that is not a BERT encoder or whose
   * modules are not one pooling and then steps on the vector; WEIGHTS_MISMATCH for weights that do not fit.
   */
  static async load(record: ModelRecord, weights: ReferenceWeights): Promise<ReferenceModel> {
    const config = readBertConfig(record);
    const [pooling, ...rest] = record.pipeline;
    if (pooling?.kind !== 'pooling') {
      throw new IsovecError('ARCHITECTURE_UNSUPPORTED', 'The module after the transformer must be a Pooling.');
    }
    const parameters = await loadBertParameters(config, weights);
    const steps: VectorStep[] = [];
    for (const module of rest) {
      if (module.kind === 'pooling') {
        throw new IsovecError('ARCHITECTURE_UNSUPPORTED', 'A model with more than one Pooling cannot be computed.');
      }
      steps.push(await loadVectorStep(module, weights));
    }
    return new ReferenceModel(config, parameters, pooling, steps, record.truncateDimension);
  }

  /** last_hidden_state of one text: [ids.length, hidden]. INPUT_INVALID for ids or a length the model does not take. */
  hiddenStates(ids: Int32Array): Float64Array {
    return bertForward(this.#config, this.#parameters, ids);
  }

  /**
   * The vector of one text, cut to a saved `truncate_dim`. `promptLength` is the number of positions that pooling
   * leaves out if the model excludes prompts, and is ignored otherwise. INPUT_INVALID as for {@link hiddenStates}.
   */
  encode(ids: Int32Array, promptLength = 0): Float64Array {
    if (!Number.isSafeInteger(promptLength) || promptLength < 0) {
      throw new IsovecError('INPUT_INVALID', `A prompt's length is a whole number >= 0, not ${promptLength}.`);
    }
    const excluded = this.#pooling.includePrompt ? 0 : promptLength;
    const pooled = poolTokens(this.hiddenStates(ids), this.#config.hidden, this.#pooling.modes, excluded);
    const vector = this.#steps.reduce((current, step) => step(current), pooled);
    return this.#truncateDimension === undefined ? vector : vector.slice(0, this.#truncateDimension);
  }
}
