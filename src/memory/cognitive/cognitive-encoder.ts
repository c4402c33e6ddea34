import { Embedder } from '../../engine/embedder.js';
import { resolvePrompt } from '../../engine/encode-options.js';
import { type EmbeddingSpace, spaceAfterStep } from '../../models/embedding-space.js';
import { BaseProvider } from '../../providers/base-provider.js';
import { PROVIDER_CALL_RULES } from '../../providers/call-rules.js';
import { CallScope } from '../../providers/call-scope.js';
import type {
  Provider,
  ProviderBatch,
  ProviderCallOptions,
  ProviderCapabilities,
  ProviderHealth,
  ProviderInfo,
} from '../../providers/provider.js';
import { checkTexts } from '../../runtime/check-texts.js';
import { throwIfAborted } from '../../shared/abort.js';
import { checkOptions, isBoolean, isObject, isOneOf, type OptionRule } from '../../shared/check-options.js';
import { IsovecError, toIsovecError } from '../../shared/isovec-error.js';
import { mapInTurns } from '../map-in-turns.js';
import { type CognitiveProfile, profileOf, profileRow } from './cognitive-dimensions.js';
import { type CognitiveExtractor, lexiconExtractor } from './cognitive-extractor.js';
import { completeProfile } from './complete-profile.js';
import { fuseRow } from './fusion/fuse-row.js';
import type { FusionLayer, FusionWeights } from './fusion/fusion-weights.js';
import { identityFusion } from './fusion/identity-fusion.js';

/** Options of {@link createCognitiveEncoder}. */
export interface CognitiveEncoderOptions {
  /** `identityFusion()` by default. */
  readonly fusion?: FusionWeights;
  /** What reads profiles; that of the word lists by default. */
  readonly extractor?: CognitiveExtractor;
  /** Whether closing the encoder closes the provider, too; false by default. */
  readonly closesProvider?: boolean;
}

/** Options of a call to a {@link CognitiveEncoder}. */
export interface CognitiveCallOptions extends ProviderCallOptions {
  /** One per text: what is given takes the place of what was read. */
  readonly profiles?: readonly (Partial<CognitiveProfile> | undefined)[];
  /** Puts the model's own prompt for queries or for documents in front, where the provider is an {@link Embedder}. */
  readonly task?: 'query' | 'document';
}

const isList: OptionRule = (value) => (Array.isArray(value) ? undefined : 'must be a list');

const CALL_RULES: Readonly<Record<keyof CognitiveCallOptions, OptionRule>> = {
  ...PROVIDER_CALL_RULES,
  profiles: isList,
  task: isOneOf('query', 'document'),
};

/**
 * Vectors of what a text means and of its mood, time and setting: those of a provider, fused with the 16 cognitive dimensions.
 * Their space is one of its own. Made by {@link createCognitiveEncoder}.
 *
 * Beside what the provider rejects with: INPUT_INVALID for a text without a character that shows, with its index, and
 * CONFIG_INVALID for options.
 */
export class CognitiveEncoder extends BaseProvider implements Provider {
  readonly space: EmbeddingSpace;
  readonly #provider: Provider;
  readonly #layer: FusionLayer;
  readonly #extractor: CognitiveExtractor;
  readonly #closesProvider: boolean;
  readonly #open = new Set<CallScope>();
  #closing: Promise<void> | undefined;

  constructor(provider: Provider, options: CognitiveEncoderOptions = {}) {
    super();
    const { fusion = identityFusion(), extractor = lexiconExtractor, closesProvider = false } = options;
    this.#provider = provider;
    this.#extractor = extractor;
    this.#closesProvider = closesProvider;
    this.#layer = fusion.layer(provider.dimensions);
    this.space = spaceAfterStep(provider.space, {
      step: `cognitive ${extractor.name} fusion ${fusion.digest}`,
      dimensions: this.#layer.size,
      normalized: false,
      similarity: 'cosine',
    });
  }

  get capabilities(): ProviderCapabilities {
    return this.#provider.capabilities;
  }

  /** What a text shows of each dimension. INPUT_INVALID as {@link encode}. */
  profile(text: string): CognitiveProfile {
    const [checked = ''] = checkShown([text]);
    return this.#read(checked);
  }

  override encode(text: string, options: CognitiveCallOptions = {}): Promise<Float32Array> {
    return super.encode(text, options);
  }

  async encodeBatch(texts: readonly string[], options: CognitiveCallOptions = {}): Promise<ProviderBatch> {
    this.#checkOpen();
    checkOptions('encodeBatch', options, CALL_RULES);
    const { profiles, task, ...call } = options;
    const scope = new CallScope('encodeBatch', call);
    this.#open.add(scope);
    try {
      const checked = checkShown(texts);
      checkProfiles('encodeBatch', checked, profiles);
      const { data: semantic, tokens, truncated, answeredBy } = await this.#semantic(checked, task, scope);
      const data = await this.#fuse(checked, semantic, profiles, () => {
        scope.throwIfOver();
      });
      return { data, count: checked.length, dimensions: this.dimensions, tokens, truncated, answeredBy };
    } catch (error) {
      throw scope.error ?? toIsovecError(error);
    } finally {
      this.#open.delete(scope);
      scope.release();
    }
  }

  /**
   * Fuses vectors of meaning that the provider gave for texts in another way: float32 [texts x dimensions of the provider] to
   * float32 [texts x dimensions]. For whoever has a queue of their own before the provider, as a server has.
   */
  async fuse(
    texts: readonly string[],
    semantic: Float32Array,
    options: Pick<CognitiveCallOptions, 'profiles' | 'signal'> = {},
  ): Promise<Float32Array> {
    this.#checkOpen();
    checkOptions('fuse', options, { profiles: isList, signal: PROVIDER_CALL_RULES.signal });
    const { profiles, signal } = options;
    const checked = checkShown(texts);
    checkProfiles('fuse', checked, profiles);
    const values = checked.length * this.#provider.dimensions;
    if (semantic.length !== values) {
      throw new IsovecError(
        'CONFIG_INVALID',
        `fuse: ${checked.length} texts have ${values} values of meaning, and ${semantic.length} were given.`,
      );
    }
    return this.#fuse(checked, semantic, profiles, () => {
      throwIfAborted(signal);
      this.#checkOpen();
    });
  }

  /** What the provider is, with the space of the fused vectors. */
  info(): ProviderInfo {
    const { id, provider, device, attempts } = this.#provider.info();
    return { id, provider, device, dimensions: this.dimensions, space: this.space, attempts };
  }

  async warmUp(): Promise<void> {
    this.#checkOpen();
    await this.#provider.warmUp();
    this.#checkOpen();
  }

  health(): ProviderHealth {
    const health = this.#provider.health();
    return this.#closing === undefined ? health : { ...health, status: 'closed' };
  }

  /** Rejects open calls with CLOSED. The provider stays open, unless the encoder was made to close it. Idempotent. */
  close(): Promise<void> {
    this.#closing ??= this.#end();
    return this.#closing;
  }

  async #end(): Promise<void> {
    for (const scope of this.#open) scope.fail(closedError());
    if (this.#closesProvider) await this.#provider.close();
  }

  #checkOpen(): void {
    if (this.#closing !== undefined) throw closedError();
  }

  #semantic(texts: readonly string[], task: CognitiveCallOptions['task'], scope: CallScope): Promise<ProviderBatch> {
    const { signal, deadline, priority } = scope;
    const call = { signal, priority, ...(deadline === undefined ? {} : { deadline }) };
    const provider = this.#provider;
    if (task === undefined || !(provider instanceof Embedder)) return provider.encodeBatch(texts, call);
    const { prompts, defaultPromptName } = provider.info();
    return provider.encodeBatch(texts, { ...call, prompt: resolvePrompt({}, task, { prompts, defaultPromptName }) });
  }

  /** float32 [texts x dimensions]. */
  async #fuse(
    texts: readonly string[],
    semantic: Float32Array,
    profiles: CognitiveCallOptions['profiles'],
    throwIfOver: () => void,
  ): Promise<Float32Array> {
    const from = this.#provider.dimensions;
    const to = this.dimensions;
    const data = new Float32Array(texts.length * to);
    const fuse = (text: string, i: number): void => {
      const read = this.#read(text);
      const given = profiles?.[i];
      const profile = given === undefined ? read : completeProfile(read, given, `profiles[${i}]`);
      const row = semantic.subarray(i * from, (i + 1) * from);
      data.set(fuseRow(row, profileRow(profile), this.#layer), i * to);
    };
    await mapInTurns(texts, fuse, throwIfOver);
    return data;
  }

  #read(text: string): CognitiveProfile {
    return completeProfile(profileOf({}), this.#extractor.extract(text), `The extractor ${this.#extractor.name}`);
  }
}

/**
 * Vectors of meaning, mood, time and setting over any provider. No text leaves the process beyond what the provider sends.
 * WEIGHTS_MISMATCH if the fusion weights are for vectors of another length; CONFIG_INVALID for options.
 */
export function createCognitiveEncoder(provider: Provider, options: CognitiveEncoderOptions = {}): CognitiveEncoder {
  checkOptions('createCognitiveEncoder', options, {
    fusion: isObject,
    extractor: isObject,
    closesProvider: isBoolean,
  });
  return new CognitiveEncoder(provider, options);
}

/** The texts, if each shows something: what is blank has no meaning that could be remembered. */
function checkShown(texts: readonly string[]): readonly string[] {
  const checked = checkTexts(texts);
  const index = checked.findIndex((text) => text.trim() === '');
  if (index < 0) return checked;
  throw new IsovecError('INPUT_INVALID', `Text ${index} is empty or blank: there is nothing to encode.`, {
    data: { index },
  });
}

function checkProfiles(call: string, { length }: readonly string[], profiles: CognitiveCallOptions['profiles']): void {
  if (profiles === undefined || profiles.length === length) return;
  throw new IsovecError(
    'CONFIG_INVALID',
    `${call}: option profiles must have one entry a text: there are ${length} texts and ${profiles.length} profiles.`,
    { data: { option: 'profiles' } },
  );
}

function closedError(): IsovecError {
  return new IsovecError('CLOSED', 'The cognitive encoder was closed.');
}
