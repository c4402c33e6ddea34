import type * as TokenizersLibrary from 'tokenizers';

import type { TokenizerDefinition } from '../models/tokenizer-definition/tokenizer-definition.js';
import { throwIfAborted } from '../shared/abort.js';
import { errorMessage, IsovecError } from '../shared/isovec-error.js';
import { loadNative } from './native-packages.js';

type Native = TokenizersLibrary.Tokenizer;

/** Which end of a text is cut when it is longer than the model's limit. */
export type TruncationSide = 'left' | 'right';

/** One token of a text, for people. */
export interface Token {
  readonly id: number;
  readonly text: string;
  /** Whether it was put around the text, or is a special token that the text holds. */
  readonly special: boolean;
  /** The part of the text that it stands for, in UTF-16 code units; absent for tokens that were put around it. */
  readonly start?: number;
  readonly stop?: number;
}

/** The tokens of one text. */
export interface TokenizedText {
  /** What the model is fed: after truncation, special tokens included. */
  readonly ids: Int32Array;
  /** Length of `ids`. */
  readonly tokenCount: number;
  /** Tokens of the whole text, special tokens included. */
  readonly fullTokenCount: number;
  readonly truncated: boolean;
}

/**
 * Texts per native call. Encoding runs on the native library's threads, but handing over texts and reading ids is the
 * event loop's work: a slice of this size takes it about a millisecond.
 */
const SLICE = 256;

/** Texts that show where a tokenizer puts its special tokens; one of them gives tokens in any language's model. */
const PROBES: readonly string[] = ['a', '1', '.', '語', 'é'];

/** How many special tokens go around every text. */
interface Frame {
  readonly before: number;
  readonly after: number;
}

/** What makes tokens of texts: the native library, or whoever runs the model. */
export interface Tokenizer {
  /** Longest input in tokens, special tokens included. */
  readonly maxSequenceLength: number;
  /** The tokens of each text, in order. The texts must have passed `checkTexts`. */
  encodeBatch(texts: readonly string[], signal?: AbortSignal, side?: TruncationSide): Promise<TokenizedText[]>;
  /** Token ids that a caller made, as they are. INPUT_INVALID with the index of a bad list. */
  fromIds(lists: readonly (readonly number[])[], side?: TruncationSide): TokenizedText[];
  /** The tokens of one text with their places in it, uncut. */
  explain(text: string, addSpecialTokens: boolean): Promise<Token[]>;
  /** The text that token ids stand for. INPUT_INVALID as {@link fromIds}. */
  decode(ids: readonly number[], skipSpecialTokens: boolean): Promise<string>;
  /** Number of leading positions that belong to a prompt when pooling leaves it out. */
  promptLength(prompt: string): Promise<number>;
}

/** The native tokenizer of a model. It holds no thread or handle of its own, so there is nothing to close. */
export class TextTokenizer implements Tokenizer {
  /** Longest input in tokens, special tokens included. */
  readonly maxSequenceLength: number;
  readonly #tokenizer: Native;
  readonly #definition: TokenizerDefinition;
  readonly #frame: Frame;
  readonly #specialTokenIds: ReadonlySet<number>;

  private constructor(tokenizer: Native, definition: TokenizerDefinition, limit: number, frame: Frame) {
    this.#tokenizer = tokenizer;
    this.#definition = definition;
    this.maxSequenceLength = limit;
    this.#frame = frame;
    this.#specialTokenIds = new Set(definition.specialTokenIds);
  }

  /**
   * Builds the native tokenizer. PACKAGE_MISSING if the library cannot be loaded, FORMAT_INVALID if it refuses the
   * definition, CONFIG_INVALID if the limit leaves no room for text, ARCHITECTURE_UNSUPPORTED for post-processors that
   * do more than put special tokens around a text.
   */
  static async load(definition: TokenizerDefinition, maxSequenceLength: number): Promise<TextTokenizer> {
    const tokenizer = createNative(definition.json);
    const frame = await findFrame(tokenizer, definition.feedsTokenTypeIds);
    if (maxSequenceLength < frame.before + frame.after) {
      throw new IsovecError(
        'CONFIG_INVALID',
        `A limit of ${maxSequenceLength} tokens is below the ${frame.before + frame.after} special tokens of every text.`,
      );
    }
    return new TextTokenizer(tokenizer, definition, maxSequenceLength, frame);
  }

  /**
   * The tokens of each text, in order. The texts must have passed `checkTexts`. ABORTED if the signal fires.
   *
   * @param side Which end is cut; the tokenizer's own by default.
   */
  async encodeBatch(
    texts: readonly string[],
    signal?: AbortSignal,
    side: TruncationSide = this.#definition.truncationSide,
  ): Promise<TokenizedText[]> {
    const results: TokenizedText[] = [];
    for (let begin = 0; begin < texts.length; begin += SLICE) {
      throwIfAborted(signal);
      for (const ids of await this.#encodeSlice(texts.slice(begin, begin + SLICE))) {
        const text = this.#truncate(ids, side, this.#frame);
        this.#checkIds(text.ids, results.length);
        results.push(text);
      }
    }
    return results;
  }

  /**
   * Token ids that a caller made, as they are: no special tokens are added. Longer ones are cut between the special tokens
   * at their ends. INPUT_INVALID with the index of the first that is empty or holds an id that the model does not know.
   */
  fromIds(
    lists: readonly (readonly number[])[],
    side: TruncationSide = this.#definition.truncationSide,
  ): TokenizedText[] {
    const { vocabularySize } = this.#definition;
    const isSpecial = (id: number | undefined): boolean => id !== undefined && this.#specialTokenIds.has(id);
    return lists.map((ids, index) => {
      if (ids.length === 0) {
        throw new IsovecError('INPUT_INVALID', `Token list ${index} is empty.`, { data: { index } });
      }
      const foreign = ids.find((id) => !Number.isInteger(id) || id < 0 || id >= vocabularySize);
      if (foreign !== undefined) {
        throw new IsovecError(
          'INPUT_INVALID',
          `Token list ${index} holds ${foreign}; the model's token ids are whole numbers from 0 to ${vocabularySize - 1}. Ids of another tokenizer mean nothing here: give texts.`,
          { data: { index } },
        );
      }
      const frame = { before: isSpecial(ids[0]) ? 1 : 0, after: isSpecial(ids.at(-1)) ? 1 : 0 };
      return this.#truncate(ids, side, frame);
    });
  }

  /** The tokens of one text with their places in it, uncut. */
  async explain(text: string, addSpecialTokens: boolean): Promise<Token[]> {
    const encoding = await this.#native(() => this.#tokenizer.encode(text, null, { addSpecialTokens }));
    const special = encoding.getSpecialTokensMask();
    const offsets = encoding.getOffsets();
    const tokens = encoding.getTokens();
    const units = codePointOffsets(text);
    return encoding.getIds().map((id, i) => {
      const [begin = 0, end = 0] = offsets[i] ?? [];
      const token = { id, text: tokens[i] ?? '', special: special[i] !== 0 };
      return token.special && begin === end ? token : { ...token, start: units[begin] ?? 0, stop: units[end] ?? 0 };
    });
  }

  /** The text that token ids stand for, as far as it can be told. INPUT_INVALID as {@link fromIds}. */
  async decode(ids: readonly number[], skipSpecialTokens: boolean): Promise<string> {
    this.fromIds([ids]);
    return this.#native(() => this.#tokenizer.decode([...ids], skipSpecialTokens));
  }

  /**
   * Number of leading positions that belong to a prompt when pooling leaves it out: the tokens of the prompt alone,
   * truncated, less the special token that ends them. 0 for the empty prompt.
   */
  async promptLength(prompt: string): Promise<number> {
    if (prompt === '') return 0;
    const [tokens] = await this.encodeBatch([prompt]);
    const last = tokens?.ids.at(-1);
    if (tokens === undefined || last === undefined) return 0;
    return this.#specialTokenIds.has(last) ? tokens.tokenCount - 1 : tokens.tokenCount;
  }

  async #encodeSlice(texts: string[]): Promise<number[][]> {
    const encodings = await this.#native(() => this.#tokenizer.encodeBatch(texts));
    return encodings.map((encoding) => encoding.getIds());
  }

  async #native<T>(call: () => Promise<T>): Promise<T> {
    try {
      return await call();
    } catch (cause) {
      throw new IsovecError('FORMAT_INVALID', `The tokenizer of the model failed: ${errorMessage(cause)}.`, { cause });
    }
  }

  /** Cuts the text itself; the special tokens around it stay, as the native library truncates before adding them. */
  #truncate(ids: readonly number[], side: TruncationSide, { before, after }: Frame): TokenizedText {
    const fullTokenCount = ids.length;
    const excess = fullTokenCount - this.maxSequenceLength;
    if (excess <= 0) return { ids: Int32Array.from(ids), tokenCount: fullTokenCount, fullTokenCount, truncated: false };
    const cutBegin = side === 'left' ? before : fullTokenCount - after - excess;
    const kept = new Int32Array(this.maxSequenceLength);
    for (let i = 0; i < kept.length; i++) kept[i] = ids[i < cutBegin ? i : i + excess] ?? 0;
    return { ids: kept, tokenCount: kept.length, fullTokenCount, truncated: true };
  }

  /**
   * Some tokenizers know tokens that the model has no row for, and that only a literal special token in a text gives.
   * Such a text must fail alone, before it meets others in a batch.
   */
  #checkIds(ids: Int32Array, index: number): void {
    const { highestTokenId, vocabularySize } = this.#definition;
    if (highestTokenId < vocabularySize || ids.every((id) => id < vocabularySize)) return;
    throw new IsovecError(
      'INPUT_INVALID',
      `Text ${index} holds a special token of the tokenizer that the model has no embedding for.`,
      { data: { index } },
    );
  }
}

function createNative(json: string): Native {
  const library = loadNative('tokenizers') as typeof TokenizersLibrary;
  try {
    const tokenizer = library.Tokenizer.fromString(json);
    tokenizer.disablePadding();
    tokenizer.disableTruncation();
    return tokenizer;
  } catch (cause) {
    throw new IsovecError(
      'FORMAT_INVALID',
      `tokenizer.json: the tokenizer library refuses it (${errorMessage(cause).slice(0, 300)}).`,
      { cause, data: { file: 'tokenizer.json' } },
    );
  }
}

/** Compares a probe with and without special tokens; what the post-processor adds must lie around the text. */
async function findFrame(tokenizer: Native, feedsTokenTypeIds: boolean): Promise<Frame> {
  for (const probe of PROBES) {
    const bare = (await tokenizer.encode(probe, null, { addSpecialTokens: false })).getIds();
    if (bare.length === 0) continue;
    const framed = await tokenizer.encode(probe);
    const ids = framed.getIds();
    const mask = framed.getSpecialTokensMask();
    const before = mask.indexOf(0);
    const after = ids.length - before - bare.length;
    const once = mask.filter((special) => special === 0).length === bare.length;
    const fits = once && after >= 0 && bare.every((id, i) => ids[before + i] === id);
    const oneType = !feedsTokenTypeIds || framed.getTypeIds().every((type) => type === 0);
    if (fits && oneType) return { before, after };
    throw new IsovecError(
      'ARCHITECTURE_UNSUPPORTED',
      'tokenizer.json: its post_processor does more than put special tokens of type 0 around a text.',
      { data: { file: 'tokenizer.json' } },
    );
  }
  throw new IsovecError('FORMAT_INVALID', 'tokenizer.json: it gives no tokens for any of a few common characters.', {
    data: { file: 'tokenizer.json' },
  });
}

/** The place in UTF-16 code units of each code point, and of the end. */
function codePointOffsets(text: string): Uint32Array {
  const offsets: number[] = [];
  let unit = 0;
  for (const character of text) {
    offsets.push(unit);
    unit += character.length;
  }
  return Uint32Array.from([...offsets, unit]);
}
