import { modelOf, type TokenizerBackend } from './tokenizer-backend.js';

/** `TokenizersBackend`, also known as `PreTrainedTokenizerFast`: tokenizer.json as it is. */
export const LITERAL_BACKEND: TokenizerBackend = {
  modelType: undefined,
  keepsAddedTokens: true,
  specialTokens: {},
  feedsTokenTypeIds: false,
  build: (file) => ({
    normalizer: file['normalizer'] ?? null,
    pre_tokenizer: file['pre_tokenizer'] ?? null,
    decoder: file['decoder'] ?? null,
    model: modelOf(file),
  }),
  postProcessor: (file) => file['post_processor'] ?? null,
};
