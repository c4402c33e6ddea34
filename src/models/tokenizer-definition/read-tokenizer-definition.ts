import { isJsonObject, type JsonObject } from '../../formats/json/parse-json.js';
import { IsovecError } from '../../shared/isovec-error.js';
import { ConfigFields } from '../model-config/config-fields.js';
import { insideFolder } from '../model-config/module-path.js';
import { readTransformerSettings } from '../model-config/read-transformer-settings.js';
import type { ModelFiles } from '../model-files.js';
import type { ModelRecord } from '../model-record.js';
import { AddedVocabulary } from './added-vocabulary.js';
import { BERT_BACKEND, DISTILBERT_BACKEND, MPNET_BACKEND } from './wordpiece-backend.js';
import { checkPostProcessor } from './check-post-processor.js';
import { checkTokenIds } from './check-token-ids.js';
import { LITERAL_BACKEND } from './literal-backend.js';
import { QWEN2_BACKEND, ROBERTA_BACKEND } from './byte-level-backend.js';
import { collectSpecialTokens } from './special-tokens.js';
import type { TokenizerBackend } from './tokenizer-backend.js';
import { tokenizerClass, type TokenizerClass } from './tokenizer-class.js';
import type { TokenizerDefinition } from './tokenizer-definition.js';
import { readTokenizerFiles, type TokenizerFiles } from './tokenizer-files.js';
import { readVocabulary, type Vocabulary } from './vocabulary.js';
import { XLM_ROBERTA_BACKEND } from './xlm-roberta-backend.js';

/** What a tokenizer must know of the model that it feeds. */
export type TokenizedModel = Pick<ModelRecord, 'transformerPath' | 'modelType' | 'transformerConfig'>;

const BACKENDS: Readonly<Record<TokenizerClass, TokenizerBackend>> = {
  literal: LITERAL_BACKEND,
  Bert: BERT_BACKEND,
  DistilBert: DISTILBERT_BACKEND,
  MPNet: MPNET_BACKEND,
  XLMRoberta: XLM_ROBERTA_BACKEND,
  Roberta: ROBERTA_BACKEND,
  Qwen2: QWEN2_BACKEND,
};

/**
 * The tokenizer of a model as transformers 5 builds it: its class decides which parts of tokenizer.json count and
 * which come from tokenizer_config.json. Truncation and padding blocks are dropped; `do_lower_case` of
 * sentence_bert_config.json puts a lowercase step first.
 * Codes: MODEL_FILE_MISSING, FORMAT_INVALID (a broken file, ids beyond the model's vocabulary), CONFIG_INVALID (a
 * setting of the wrong type), ARCHITECTURE_UNSUPPORTED (a class or option that isovec does not follow).
 */
export async function readTokenizerDefinition(files: ModelFiles, model: TokenizedModel): Promise<TokenizerDefinition> {
  const folder = model.transformerPath;
  const saved = files.files.has('modules.json') ? await readTransformerSettings(files, folder) : undefined;
  const read = await readTokenizerFiles(files, folder);
  // Settings that the model itself saved go over tokenizer_config.json, as keyword arguments do in Python.
  const settings = new ConfigFields(read.settings.file, { ...read.settings.values, ...saved?.tokenizerSettings });
  const sources: TokenizerFiles = { ...read, settings };
  if (settings.boolean('split_special_tokens', false)) {
    throw settings.unsupported('split_special_tokens', 'only false is supported');
  }
  const config = new ConfigFields(insideFolder(folder, 'config.json'), model.transformerConfig);
  const backend = BACKENDS[tokenizerClass(settings, config, model.modelType)];
  const vocabularySize = config.positiveInteger('vocab_size');
  return assemble(sources, backend, vocabularySize, saved?.lowercases ?? false);
}

function assemble(
  sources: TokenizerFiles,
  backend: TokenizerBackend,
  vocabularySize: number,
  lowercases: boolean,
): TokenizerDefinition {
  const { tokenizer, settings, file } = sources;
  const special = collectSpecialTokens(sources, backend);
  const parts = backend.build(tokenizer, settings, special.named.get('unk_token')?.content);
  const vocabulary = readVocabulary(isJsonObject(tokenizer['model']) ? tokenizer['model'] : {}, file);
  if (backend.modelType !== undefined && backend.modelType !== vocabulary.type) {
    throw new IsovecError(
      'FORMAT_INVALID',
      `${file}: model.type is ${vocabulary.type}, but the tokenizer class of ${settings.file} needs ${backend.modelType}.`,
      { data: { file } },
    );
  }
  checkTokenIds(sources, vocabulary, vocabularySize);
  checkUnknownToken(parts.model, vocabulary, settings.file);

  const added = new AddedVocabulary(vocabulary);
  if (backend.keepsAddedTokens) for (const [, token] of sources.addedTokens) added.add(token);
  for (const token of special.listed) added.add(token);
  for (const token of [...special.named.values(), ...special.extra]) {
    if (!added.has(token.content)) added.add(token);
  }
  const idOf = (content: string): number => {
    const id = added.idOf(content);
    if (id !== undefined) return id;
    throw new IsovecError('FORMAT_INVALID', `${settings.file}: a special token is empty.`);
  };
  const named = (name: string): { content: string; id: number } => {
    const token = special.named.get(name);
    if (token === undefined) throw settings.invalid(name, 'a token');
    return { content: token.content, id: idOf(token.content) };
  };
  const postProcessor = backend.postProcessor(tokenizer, settings, named);
  checkPostProcessor(postProcessor, file);
  const document = {
    version: '1.0',
    truncation: null,
    padding: null,
    added_tokens: added.toJSON(),
    normalizer: lowercases ? withLowercase(parts.normalizer) : parts.normalizer,
    pre_tokenizer: parts.pre_tokenizer,
    post_processor: postProcessor,
    decoder: parts.decoder,
    model: parts.model,
  };
  const padding = special.named.get('pad_token') ?? paddingOf(tokenizer);
  return {
    json: JSON.stringify(document),
    padTokenId: padding === undefined ? undefined : added.idOf(padding.content),
    specialTokenIds: [
      ...new Set([...special.named.values(), ...special.extra].map((token) => idOf(token.content))),
    ].sort((a, b) => a - b),
    truncationSide: truncationSide(tokenizer, settings),
    feedsTokenTypeIds: feedsTokenTypeIds(settings, backend),
    vocabularySize,
    highestTokenId: added.highestId,
  };
}

/** A rebuilt WordPiece fails on the first unknown word if its unknown token is in no vocabulary. */
function checkUnknownToken(model: JsonObject, vocabulary: Vocabulary, file: string): void {
  const unknown = model['unk_token'];
  if (model['type'] !== 'WordPiece' || (typeof unknown === 'string' && vocabulary.idOf(unknown) !== undefined)) return;
  throw new IsovecError('FORMAT_INVALID', `${file}: unk_token must be a token of the vocabulary.`, { data: { file } });
}

/** The lowercase step that sentence-transformers puts before a normalizer that has none of its own at top level. */
function withLowercase(normalizer: unknown): unknown {
  const isLowercase = (value: unknown): boolean => isJsonObject(value) && value['type'] === 'Lowercase';
  const steps: readonly unknown[] =
    isJsonObject(normalizer) && normalizer['type'] === 'Sequence' && Array.isArray(normalizer['normalizers'])
      ? normalizer['normalizers']
      : normalizer === null
        ? []
        : [normalizer];
  if (steps.some(isLowercase)) return normalizer;
  return { type: 'Sequence', normalizers: [{ type: 'Lowercase' }, ...steps] };
}

/** transformers takes the padding token of tokenizer.json's padding block where no file names one. */
function paddingOf(tokenizer: JsonObject): { content: string } | undefined {
  const padding = tokenizer['padding'];
  const content = isJsonObject(padding) ? padding['pad_token'] : undefined;
  return typeof content === 'string' ? { content } : undefined;
}

/** tokenizer_config.json, else the direction of tokenizer.json's truncation block: all of that block that counts. */
function truncationSide(tokenizer: JsonObject, settings: ConfigFields): 'left' | 'right' {
  const configured = settings.optionalString('truncation_side');
  if (configured === 'left' || configured === 'right') return configured;
  if (configured !== undefined) throw settings.invalid('truncation_side', '"left" or "right"');
  const block = tokenizer['truncation'];
  return isJsonObject(block) && block['direction'] === 'Left' ? 'left' : 'right';
}

function feedsTokenTypeIds(settings: ConfigFields, backend: TokenizerBackend): boolean {
  const names = settings.get('model_input_names');
  if (names === undefined) return backend.feedsTokenTypeIds;
  if (!Array.isArray(names)) throw settings.invalid('model_input_names', 'an array of strings');
  return names.includes('token_type_ids');
}
