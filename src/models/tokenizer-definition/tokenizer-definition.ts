/** A tokenizer as transformers 5 would build it from the model's files, ready for the native library. */
export interface TokenizerDefinition {
  /** Text of a tokenizer.json, without truncation and padding. */
  readonly json: string;
  /** Id that pads batches; undefined if the tokenizer has none. */
  readonly padTokenId: number | undefined;
  /** Ids of the named and extra special tokens (`all_special_ids` in Python), ascending. */
  readonly specialTokenIds: readonly number[];
  /** The end from which a text that is too long loses tokens. */
  readonly truncationSide: 'left' | 'right';
  /** Whether the model is fed token_type_ids; they are all zero for single texts. */
  readonly feedsTokenTypeIds: boolean;
  /** Rows of the model's embedding table; ids are below it. */
  readonly vocabularySize: number;
  /** Highest id that the tokenizer can give; at or above `vocabularySize` only for tokens that no text needs. */
  readonly highestTokenId: number;
}
