import type { JsonObject } from '../../formats/json/parse-json.js';
import type { Token, TokenizedText, Tokenizer, TruncationSide } from '../../runtime/tokenizer.js';
import { throwIfAborted } from '../../shared/abort.js';
import { IsovecError } from '../../shared/isovec-error.js';
import { badResponse } from './bridge-message.js';

/** Asks the child that runs the model. */
export type BridgeCall = (method: string, params: JsonObject) => Promise<JsonObject>;

/** What the child tells of its tokenizer. */
export interface BridgeTokenizerInfo {
  readonly maxSequenceLength: number;
  readonly vocabularySize: number;
}

/** The tokenizer of a model whose files only Python can read: the child makes the tokens. */
export class BridgeTokenizer implements Tokenizer {
  readonly maxSequenceLength: number;
  readonly #vocabularySize: number;
  readonly #call: BridgeCall;

  constructor({ maxSequenceLength, vocabularySize }: BridgeTokenizerInfo, call: BridgeCall) {
    this.maxSequenceLength = maxSequenceLength;
    this.#vocabularySize = vocabularySize;
    this.#call = call;
  }

  async encodeBatch(texts: readonly string[], signal?: AbortSignal, side?: TruncationSide): Promise<TokenizedText[]> {
    throwIfAborted(signal);
    if (texts.length === 0) return [];
    const { token_ids: lists, full_counts: counts } = await this.#call('tokenize', { texts });
    throwIfAborted(signal);
    if (!Array.isArray(lists) || !Array.isArray(counts) || lists.length !== texts.length) {
      throw badResponse('tokens of another number of texts');
    }
    const tokenized = lists.map((ids: unknown, index) => this.#tokenized(ids, counts[index]));
    if (side !== undefined && tokenized.some(({ truncated }) => truncated)) {
      throw new IsovecError(
        'CONFIG_INVALID',
        'The end that is cut cannot be chosen for a model that Python runs; leave the truncation side out.',
        { data: { option: 'truncationSide' } },
      );
    }
    return tokenized;
  }

  fromIds(lists: readonly (readonly number[])[]): TokenizedText[] {
    return lists.map((ids, index) => {
      const foreign = ids.find((id) => !Number.isInteger(id) || id < 0 || id >= this.#vocabularySize);
      const problem =
        ids.length === 0
          ? 'is empty'
          : foreign === undefined
            ? undefined
            : `holds ${foreign}; the model's token ids are whole numbers from 0 to ${this.#vocabularySize - 1}`;
      if (problem !== undefined) {
        throw new IsovecError('INPUT_INVALID', `Token list ${index} ${problem}.`, { data: { index } });
      }
      if (ids.length > this.maxSequenceLength) {
        throw new IsovecError(
          'INPUT_TOO_LONG',
          `Token list ${index} holds ${ids.length} ids; the limit is ${this.maxSequenceLength}, and Python alone knows where it may be cut.`,
          { data: { index, limit: this.maxSequenceLength } },
        );
      }
      return {
        ids: Int32Array.from(ids),
        tokenCount: ids.length,
        fullTokenCount: ids.length,
        truncated: false,
      };
    });
  }

  explain(): Promise<Token[]> {
    return Promise.reject(
      new IsovecError('ARCHITECTURE_UNSUPPORTED', 'The tokens of a model that only Python can read cannot be shown.'),
    );
  }

  async decode(ids: readonly number[], skipSpecialTokens: boolean): Promise<string> {
    this.fromIds([ids]);
    const { text } = await this.#call('decode', { ids, skip_special_tokens: skipSpecialTokens });
    if (typeof text !== 'string') throw badResponse('a decoded text that is none');
    return text;
  }

  async promptLength(prompt: string): Promise<number> {
    if (prompt === '') return 0;
    const [tokens] = await this.encodeBatch([prompt]);
    const last = tokens?.ids.at(-1);
    if (tokens === undefined || last === undefined) return 0;
    // As sentence-transformers: a special token at the end does not belong to the prompt.
    const isSpecial = (await this.decode([last], true)) === '';
    return isSpecial ? tokens.tokenCount - 1 : tokens.tokenCount;
  }

  #tokenized(ids: unknown, full: unknown): TokenizedText {
    const isId = (id: unknown): boolean => Number.isInteger(id) && Number(id) >= 0 && Number(id) < this.#vocabularySize;
    if (!Array.isArray(ids) || !ids.every(isId) || !Number.isInteger(full) || ids.length > this.maxSequenceLength) {
      throw badResponse('tokens that are none');
    }
    const fullTokenCount = Number(full);
    return {
      ids: Int32Array.from(ids as readonly number[]),
      tokenCount: ids.length,
      fullTokenCount,
      truncated: fullTokenCount > ids.length,
    };
  }
}
