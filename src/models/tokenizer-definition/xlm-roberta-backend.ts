import { isJsonObject, type JsonObject } from '../../formats/json/parse-json.js';
import { ROBERTA_SPECIAL_TOKENS } from './roberta-special-tokens.js';
import { modelOf, templateProcessing, type TokenizerBackend } from './tokenizer-backend.js';

/**
 * `XLMRobertaTokenizer` of transformers 5: of the file only the vocabulary and SentencePiece's character map count;
 * words are split at whitespace before Metaspace, and <unk> is id 3.
 */
export const XLM_ROBERTA_BACKEND: TokenizerBackend = {
  modelType: 'Unigram',
  keepsAddedTokens: false,
  specialTokens: ROBERTA_SPECIAL_TOKENS,
  feedsTokenTypeIds: false,
  build: (file, settings) => {
    const metaspace = {
      type: 'Metaspace',
      replacement: '▁',
      prepend_scheme: settings.boolean('add_prefix_space', true) ? 'always' : 'never',
      split: true,
    };
    return {
      normalizer: characterMap(file['normalizer']),
      pre_tokenizer: { type: 'Sequence', pretokenizers: [{ type: 'WhitespaceSplit' }, metaspace] },
      decoder: metaspace,
      model: { type: 'Unigram', unk_id: 3, byte_fallback: false, vocab: modelOf(file)['vocab'] },
    };
  },
  postProcessor: (_file, _settings, named) => templateProcessing([named('bos_token')], [named('eos_token')]),
};

/** The first Precompiled normalizer of the file, alone or in a sequence. */
function characterMap(normalizer: unknown): JsonObject | null {
  if (!isJsonObject(normalizer)) return null;
  const listed: unknown = normalizer['type'] === 'Sequence' ? normalizer['normalizers'] : [normalizer];
  if (!Array.isArray(listed)) return null;
  const found: unknown = listed.find(
    (item: unknown) =>
      isJsonObject(item) && item['type'] === 'Precompiled' && typeof item['precompiled_charsmap'] === 'string',
  );
  return isJsonObject(found) ? found : null;
}
