import { specialToken } from './added-token.js';
import { modelOf, templateProcessing, type TokenizerBackend } from './tokenizer-backend.js';

const build: TokenizerBackend['build'] = (file, settings, unknownToken) => ({
  normalizer: {
    type: 'BertNormalizer',
    clean_text: true,
    handle_chinese_chars: settings.boolean('tokenize_chinese_chars', true),
    strip_accents: settings.optionalBoolean('strip_accents') ?? null,
    lowercase: settings.boolean('do_lower_case', true),
  },
  pre_tokenizer: { type: 'BertPreTokenizer' },
  decoder: { type: 'WordPiece', prefix: '##', cleanup: true },
  // Prefix and word length are the library's defaults: the class does not read them from the file.
  model: {
    type: 'WordPiece',
    unk_token: unknownToken,
    continuing_subword_prefix: '##',
    max_input_chars_per_word: 100,
    vocab: modelOf(file)['vocab'],
  },
});

/** `BertTokenizer` of transformers 5: the vocabulary of the file, everything else from tokenizer_config.json. */
export const BERT_BACKEND: TokenizerBackend = {
  modelType: 'WordPiece',
  keepsAddedTokens: false,
  specialTokens: {
    unk_token: specialToken('[UNK]'),
    sep_token: specialToken('[SEP]'),
    pad_token: specialToken('[PAD]'),
    cls_token: specialToken('[CLS]'),
    mask_token: specialToken('[MASK]'),
  },
  feedsTokenTypeIds: true,
  build,
  postProcessor: (_file, _settings, named) => templateProcessing([named('cls_token')], [named('sep_token')]),
};

/** `DistilBertTokenizer`: BERT without token types. */
export const DISTILBERT_BACKEND: TokenizerBackend = { ...BERT_BACKEND, feedsTokenTypeIds: false };

/** `MPNetTokenizer`: WordPiece between <s> and </s>; its mask takes the space before it. */
export const MPNET_BACKEND: TokenizerBackend = {
  modelType: 'WordPiece',
  keepsAddedTokens: false,
  specialTokens: {
    bos_token: specialToken('<s>'),
    eos_token: specialToken('</s>'),
    unk_token: specialToken('[UNK]'),
    sep_token: specialToken('</s>'),
    pad_token: specialToken('<pad>'),
    cls_token: specialToken('<s>'),
    mask_token: specialToken('<mask>', true),
  },
  feedsTokenTypeIds: false,
  build,
  postProcessor: (_file, _settings, named) => templateProcessing([named('cls_token')], [named('sep_token')]),
};
