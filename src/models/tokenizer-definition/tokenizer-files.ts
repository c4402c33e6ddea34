import { isJsonObject, parseJsonObject, type JsonObject } from '../../formats/json/parse-json.js';
import { IsovecError } from '../../shared/isovec-error.js';
import { ConfigFields } from '../model-config/config-fields.js';
import { insideFolder } from '../model-config/module-path.js';
import { readConfigFile, readModelFile } from '../model-config/read-config-file.js';
import type { ModelFiles } from '../model-files.js';
import { parseAddedToken, type AddedToken } from './added-token.js';

/** The largest published tokenizer.json files hold about 35 MB (CWE-400). */
const MAX_TOKENIZER_BYTES = 256 * 1024 * 1024;

/** What the files beside a transformer say about its tokenizer, before a class makes something of it. */
export interface TokenizerFiles {
  /** Name of the file that holds the vocabulary, for messages. */
  readonly file: string;
  /** tokenizer.json, or its skeleton around a vocab.txt. Its `model` is an object. */
  readonly tokenizer: JsonObject;
  /** `added_tokens` of tokenizer.json, with the ids that it declares. */
  readonly addedTokens: readonly (readonly [id: number, token: AddedToken])[];
  /** tokenizer_config.json; empty if there is none. */
  readonly settings: ConfigFields;
  /** special_tokens_map.json, which older releases wrote. */
  readonly specialTokensMap: ConfigFields | undefined;
  /** added_tokens.json, which older releases wrote: ids by token. */
  readonly olderAddedTokens: ConfigFields | undefined;
}

/**
 * Reads tokenizer.json, tokenizer_config.json and the older files beside them; a vocab.txt stands in for a missing
 * tokenizer.json. MODEL_FILE_MISSING if there is neither, FORMAT_INVALID for a file that is not what it should be.
 */
export async function readTokenizerFiles(files: ModelFiles, folder: string): Promise<TokenizerFiles> {
  const settingsName = insideFolder(folder, 'tokenizer_config.json');
  const settings = (await readConfigFile(files, settingsName)) ?? new ConfigFields(settingsName, {});
  const { file, tokenizer } = await readTokenizer(files, folder);
  if (!isJsonObject(tokenizer['model'])) {
    throw new IsovecError('FORMAT_INVALID', `${file}: model must be an object.`, { data: { file } });
  }
  return {
    file,
    tokenizer,
    addedTokens: readAddedTokens(tokenizer, file),
    settings,
    specialTokensMap: await readConfigFile(files, insideFolder(folder, 'special_tokens_map.json')),
    olderAddedTokens: await readConfigFile(files, insideFolder(folder, 'added_tokens.json')),
  };
}

async function readTokenizer(files: ModelFiles, folder: string): Promise<{ file: string; tokenizer: JsonObject }> {
  const file = insideFolder(folder, 'tokenizer.json');
  const bytes = await readModelFile(files, file, MAX_TOKENIZER_BYTES);
  if (bytes !== undefined) return { file, tokenizer: parseJsonObject(bytes, file) };
  const words = insideFolder(folder, 'vocab.txt');
  const text = await readModelFile(files, words, MAX_TOKENIZER_BYTES);
  if (text !== undefined) return { file: words, tokenizer: { model: { type: 'WordPiece', vocab: parseWords(text) } } };
  throw new IsovecError(
    'MODEL_FILE_MISSING',
    `${file} is missing from ${files.id}, and so is vocab.txt: without one of them texts cannot be tokenized.`,
    { data: { file } },
  );
}

/** One token a line, its id the number of the line from 0; later lines win, as in the native library. */
function parseWords(bytes: Uint8Array): JsonObject {
  const lines = new TextDecoder().decode(bytes).split('\n');
  if (lines.at(-1) === '') lines.pop();
  return Object.fromEntries(lines.map((line, id) => [line.trimEnd(), id]));
}

function readAddedTokens(tokenizer: JsonObject, file: string): readonly (readonly [number, AddedToken])[] {
  const value = tokenizer['added_tokens'] ?? [];
  if (!Array.isArray(value)) {
    throw new IsovecError('FORMAT_INVALID', `${file}: added_tokens must be an array.`, { data: { file } });
  }
  return value.map((item: unknown, index) => {
    const place = `${file}: added_tokens[${index}]`;
    const token = parseAddedToken(item, place);
    const id = isJsonObject(item) ? item['id'] : undefined;
    if (typeof id === 'number' && Number.isInteger(id) && id >= 0) return [id, token];
    throw new IsovecError('FORMAT_INVALID', `${place}: id must be a non-negative integer.`, { data: { file } });
  });
}
