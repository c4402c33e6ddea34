import type { JsonObject } from '../../formats/json/parse-json.js';
import { specialToken } from './added-token.js';
import { ROBERTA_SPECIAL_TOKENS } from './roberta-special-tokens.js';
import { modelOf, templateProcessing, type TokenizerBackend } from './tokenizer-backend.js';

const DECODER = { type: 'ByteLevel', add_prefix_space: true, trim_offsets: true, use_regex: true };

/** Both classes rebuild a plain BPE: options of the file such as ignore_merges or fuse_unk do not count. */
function plainBpe(file: JsonObject): JsonObject {
  const { vocab, merges } = modelOf(file);
  return {
    type: 'BPE',
    dropout: null,
    unk_token: null,
    continuing_subword_prefix: '',
    end_of_word_suffix: '',
    fuse_unk: false,
    byte_fallback: false,
    ignore_merges: false,
    vocab,
    merges,
  };
}

/** `RobertaTokenizer` of transformers 5: add_prefix_space comes from tokenizer_config.json, never from the file. */
export const ROBERTA_BACKEND: TokenizerBackend = {
  modelType: 'BPE',
  keepsAddedTokens: false,
  specialTokens: ROBERTA_SPECIAL_TOKENS,
  feedsTokenTypeIds: false,
  build: (file, settings) => ({
    normalizer: null,
    pre_tokenizer: {
      type: 'ByteLevel',
      add_prefix_space: settings.boolean('add_prefix_space', false),
      trim_offsets: true,
      use_regex: true,
    },
    decoder: DECODER,
    model: plainBpe(file),
  }),
  postProcessor: (_file, _settings, named) => templateProcessing([named('cls_token')], [named('sep_token')]),
};

/** `PRETOKENIZE_REGEX` of transformers' tokenization_qwen2.py. */
const QWEN2_PATTERN =
  "(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\\r\\n\\p{L}\\p{N}]?\\p{L}+|\\p{N}| ?[^\\s\\p{L}\\p{N}]+[\\r\\n]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+";

/** `Qwen2Tokenizer` of transformers 5: NFC and its own pattern; the post-processor is the file's. */
export const QWEN2_BACKEND: TokenizerBackend = {
  modelType: 'BPE',
  keepsAddedTokens: false,
  specialTokens: {
    unk_token: specialToken('<|endoftext|>'),
    eos_token: specialToken('<|endoftext|>'),
    pad_token: specialToken('<|endoftext|>'),
  },
  feedsTokenTypeIds: false,
  build: (file, settings) => ({
    normalizer: { type: 'NFC' },
    pre_tokenizer: {
      type: 'Sequence',
      pretokenizers: [
        { type: 'Split', pattern: { Regex: QWEN2_PATTERN }, behavior: 'Isolated', invert: false },
        {
          type: 'ByteLevel',
          add_prefix_space: settings.boolean('add_prefix_space', false),
          trim_offsets: true,
          use_regex: false,
        },
      ],
    },
    decoder: DECODER,
    model: plainBpe(file),
  }),
  postProcessor: (file) => file['post_processor'] ?? null,
};
