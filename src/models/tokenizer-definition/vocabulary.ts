import { isJsonObject, type JsonObject } from '../../formats/json/parse-json.js';
import { IsovecError } from '../../shared/isovec-error.js';

/** Kinds of tokenizer models that the native library has. */
export type TokenizerModelType = 'WordPiece' | 'BPE' | 'Unigram' | 'WordLevel';

const MODEL_TYPES: readonly TokenizerModelType[] = ['WordPiece', 'BPE', 'Unigram', 'WordLevel'];

/** The tokens of a tokenizer's model and their ids. */
export interface Vocabulary {
  readonly type: TokenizerModelType;
  /** Number of tokens; new ids begin here. */
  readonly size: number;
  readonly highestId: number;
  idOf(token: string): number | undefined;
}

/**
 * The vocabulary of the `model` of a tokenizer.json. FORMAT_INVALID for a model type that does not exist, and for
 * ids that are no token ids.
 */
export function readVocabulary(model: JsonObject, file: string): Vocabulary {
  const type = modelType(model, file);
  const vocab = model['vocab'];
  if (type === 'Unigram') {
    if (!Array.isArray(vocab) || vocab.length === 0)
      throw invalid(file, 'model.vocab must be a list of [token, score]');
    const ids = new Map<string, number>();
    for (const [id, entry] of vocab.entries() as IterableIterator<[number, unknown]>) {
      const token: unknown = Array.isArray(entry) ? entry[0] : undefined;
      if (typeof token !== 'string') throw invalid(file, `model.vocab[${id}] must be [token, score]`);
      ids.set(token, id);
    }
    return { type, size: vocab.length, highestId: vocab.length - 1, idOf: (token) => ids.get(token) };
  }
  if (!isJsonObject(vocab)) throw invalid(file, 'model.vocab must be an object of token ids');
  const ids = Object.values(vocab);
  let highestId = -1;
  for (const id of ids) {
    if (typeof id !== 'number' || !Number.isInteger(id) || id < 0 || id > 0xffff_ffff) {
      throw invalid(file, 'model.vocab must map every token to an unsigned 32-bit integer');
    }
    if (id > highestId) highestId = id;
  }
  const idOf = (token: string): number | undefined => {
    const id = Object.hasOwn(vocab, token) ? vocab[token] : undefined;
    return typeof id === 'number' ? id : undefined;
  };
  const unknown = model['unk_token'];
  if (type !== 'BPE' && typeof unknown === 'string' && idOf(unknown) === undefined) {
    throw invalid(file, 'model.unk_token must be in model.vocab');
  }
  return { type, size: ids.length, highestId, idOf };
}

/** Files of early releases lack the type of the model; its members tell it, as the native library reads it. */
function modelType(model: JsonObject, file: string): TokenizerModelType {
  const declared = model['type'];
  if (declared === undefined) {
    if (Array.isArray(model['vocab'])) return 'Unigram';
    if (model['merges'] !== undefined) return 'BPE';
    return model['max_input_chars_per_word'] === undefined ? 'WordLevel' : 'WordPiece';
  }
  const type = MODEL_TYPES.find((known) => known === declared);
  if (type !== undefined) return type;
  const shown = typeof declared === 'string' ? `"${declared.slice(0, 80)}"` : 'not a string';
  throw invalid(file, `model.type is ${shown}, but must be one of ${MODEL_TYPES.join(', ')}`);
}

function invalid(file: string, rule: string): IsovecError {
  return new IsovecError('FORMAT_INVALID', `${file}: ${rule}.`, { data: { file } });
}
