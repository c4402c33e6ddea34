import type { JsonObject } from '../../formats/json/parse-json.js';
import type { ConfigFields } from '../model-config/config-fields.js';
import type { AddedToken } from './added-token.js';
import type { TokenizerModelType } from './vocabulary.js';

/** A token and its id, as post-processors refer to it. */
export interface TokenReference {
  readonly content: string;
  readonly id: number;
}

/** The parts of a tokenizer.json that decide the ids of a text, beside its added tokens. */
export interface TokenizerParts {
  readonly normalizer: unknown;
  readonly pre_tokenizer: unknown;
  readonly decoder: unknown;
  readonly model: JsonObject;
}

/** What the members of one tokenizer class of transformers have in common: the contract of the backends. */
export interface TokenizerBackend {
  /** Kind of model that the class is built around; undefined if it takes any. */
  readonly modelType: TokenizerModelType | undefined;
  /** Whether the added tokens of tokenizer.json are taken with it, rather than added again one by one. */
  readonly keepsAddedTokens: boolean;
  /** Named special tokens that the class has even if no file names them. */
  readonly specialTokens: Readonly<Record<string, AddedToken>>;
  /** `model_input_names` unless tokenizer_config.json says otherwise. */
  readonly feedsTokenTypeIds: boolean;
  /** The parts for a parsed tokenizer.json and the settings of tokenizer_config.json. */
  build(file: JsonObject, settings: ConfigFields, unknownToken: string | undefined): TokenizerParts;
  /** The post-processor; `named` looks up a named special token such as 'cls_token'. */
  postProcessor(file: JsonObject, settings: ConfigFields, named: (name: string) => TokenReference): unknown;
}

/** The `model` of a tokenizer.json that was checked to be an object. */
export function modelOf(file: JsonObject): JsonObject {
  return file['model'] as JsonObject;
}

/** A TemplateProcessing that puts tokens around a single text: `before $A after`, all of type 0. */
export function templateProcessing(before: readonly TokenReference[], after: readonly TokenReference[]): object {
  const piece = (token: TokenReference): object => ({ SpecialToken: { id: token.content, type_id: 0 } });
  const sequence = (id: string): object => ({ Sequence: { id, type_id: 0 } });
  const around = (id: string): readonly object[] => [...before.map(piece), sequence(id), ...after.map(piece)];
  return {
    type: 'TemplateProcessing',
    single: around('A'),
    // Pairs are never encoded; the native library wants a template for them all the same.
    pair: [...around('A'), ...around('B')],
    special_tokens: Object.fromEntries(
      [...before, ...after].map(({ content, id }) => [content, { id: content, ids: [id], tokens: [content] }]),
    ),
  };
}
