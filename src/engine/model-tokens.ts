import type { ModelRecord } from '../models/model-record.js';
import { checkTexts } from '../runtime/check-texts.js';
import { deadlineTime } from '../runtime/deadline.js';
import type { Dispatcher, TextTimes } from '../runtime/dispatcher.js';
import type { SessionOutput } from '../runtime/sessions/messages.js';
import type { Tokenizer, Token, TokenizedText, TruncationSide } from '../runtime/tokenizer.js';
import { IsovecError } from '../shared/isovec-error.js';
import { LONE_SURROGATE } from '../shared/lone-surrogate.js';
import { checkOptions, isBoolean, isOneOf, isSignal, isString } from '../shared/check-options.js';
import { type CallOptions, checkCallOptions, type EncodeTask, PRIORITIES, resolvePrompt } from './encode-options.js';

/** Options of {@link ModelTokens.encode}. */
export interface TokenizeOptions {
  /** Text put in front of every input; '' disables the model's default prompt. Beats {@link promptName}. */
  readonly prompt?: string;
  /** Name of one of the model's own prompts. */
  readonly promptName?: string;
  /** Whose prompt is taken where none is named: 'plain', the default, takes the model's default prompt. */
  readonly task?: EncodeTask;
  /** Which end of a text is cut when it is longer than the model's limit; the tokenizer's own by default. */
  readonly truncationSide?: TruncationSide;
  readonly signal?: AbortSignal;
}

/** Texts as a model is fed them. */
export interface TokenizedTexts {
  readonly texts: readonly TokenizedText[];
  /** Leading tokens of each text that belong to a prompt which pooling leaves out. */
  readonly promptLength: number;
}

/** What {@link ModelTokens.run} gives for each text: 'unnormalized' are embeddings before the model's own normalisation. */
export type RowKind = SessionOutput;

/** Options of {@link ModelTokens.run}. */
export interface RunOptions extends Pick<CallOptions, 'signal' | 'deadline' | 'priority'> {
  /** 'embeddings' by default. */
  readonly rows?: RowKind;
  /**
   * Receives each text's rows once, in no particular order: float32, `dimensions` long, or a row of the hidden size for
   * each token; valid during the call only.
   */
  readonly onRows: (index: number, rows: Float32Array, times: TextTimes) => void;
}

/**
 * A model by its tokens: for callers who count, limit or cut before they embed, and for those who bring token ids. Texts
 * are tokenised once and run as they are then.
 */
export class ModelTokens {
  readonly #record: ModelRecord;
  readonly #tokenizer: Tokenizer;
  readonly #dispatcher: Dispatcher;

  /** Of a loaded model: see `Embedder.tokens`. */
  constructor(record: ModelRecord, tokenizer: Tokenizer, dispatcher: Dispatcher) {
    this.#record = record;
    this.#tokenizer = tokenizer;
    this.#dispatcher = dispatcher;
  }

  /** OVERLOADED if the queue has no room for so many texts, however short: before the work of tokenising them. */
  checkRoom(texts: number): void {
    this.#dispatcher.checkRoom(texts);
  }

  /** The tokens of texts, with their prompt, cut to the model's limit. INPUT_INVALID, CONFIG_INVALID, ABORTED. */
  async encode(texts: readonly string[], options: TokenizeOptions = {}): Promise<TokenizedTexts> {
    const { task = 'plain', truncationSide, signal, ...prompts } = options;
    checkOptions('tokens.encode', options, {
      prompt: isString,
      promptName: isString,
      task: isOneOf('plain', 'query', 'document'),
      truncationSide: isOneOf('left', 'right'),
      signal: isSignal,
    });
    const checked = checkTexts(texts);
    const prompt = resolvePrompt(prompts, task, this.#record);
    if (LONE_SURROGATE.test(prompt)) {
      throw new IsovecError('CONFIG_INVALID', 'tokens.encode: option prompt must not hold half a surrogate pair.');
    }
    const inputs = prompt === '' ? checked : checked.map((text) => prompt + text);
    return {
      texts: await this.#tokenizer.encodeBatch(inputs, signal, truncationSide),
      promptLength: prompt !== '' && leavesPromptOut(this.#record) ? await this.#tokenizer.promptLength(prompt) : 0,
    };
  }

  /** Token ids that a caller made, as they are, cut to the model's limit. INPUT_INVALID with the index of a bad list. */
  fromIds(lists: readonly (readonly number[])[], truncationSide?: TruncationSide): TokenizedTexts {
    return { texts: this.#tokenizer.fromIds(lists, truncationSide), promptLength: 0 };
  }

  /** The tokens of one text with their places in it, uncut and without a prompt. INPUT_INVALID. */
  async explain(
    text: string,
    { addSpecialTokens = true }: { readonly addSpecialTokens?: boolean } = {},
  ): Promise<Token[]> {
    checkOptions('tokens.explain', { addSpecialTokens }, { addSpecialTokens: isBoolean });
    const [checked = ''] = checkTexts([text]);
    return this.#tokenizer.explain(checked, addSpecialTokens);
  }

  /** The text that token ids stand for, as far as it can be told. INPUT_INVALID. */
  async decode(
    ids: readonly number[],
    { skipSpecialTokens = true }: { readonly skipSpecialTokens?: boolean } = {},
  ): Promise<string> {
    checkOptions('tokens.decode', { skipSpecialTokens }, { skipSpecialTokens: isBoolean });
    return this.#tokenizer.decode(ids, skipSpecialTokens);
  }

  /**
   * Runs the model on tokenised texts. Rejects as a whole with ABORTED, DEADLINE_EXCEEDED, OVERLOADED, WORKER_LOST or
   * CLOSED.
   */
  async run({ texts, promptLength }: TokenizedTexts, { rows, onRows, ...options }: RunOptions): Promise<void> {
    checkCallOptions('tokens.run', options);
    const { signal, deadline, priority } = options;
    await this.#dispatcher.dispatch({
      texts,
      promptLength,
      output: rows ?? 'embeddings',
      priority: PRIORITIES[priority ?? 'normal'],
      signal,
      deadline: deadlineTime(deadline),
      onRows: (index, values, _text, times) => {
        onRows(index, values, times);
      },
      onDone: undefined,
    });
  }
}

/** Whether a step of the model pools only what follows the prompt. */
export function leavesPromptOut({ pipeline }: ModelRecord): boolean {
  return pipeline.some((module) => module.kind === 'pooling' && !module.includePrompt);
}
