import { isJsonObject } from '../../formats/json/parse-json.js';
import { IsovecError } from '../../shared/isovec-error.js';

/** A token that is found in texts before the model of the tokenizer sees them. Names as in tokenizer.json. */
export interface AddedToken {
  readonly content: string;
  readonly single_word: boolean;
  readonly lstrip: boolean;
  readonly rstrip: boolean;
  readonly normalized: boolean;
  readonly special: boolean;
}

/** A special token with the flags that `AddedToken(content, special=True)` has in Python. */
export function specialToken(content: string, leftStrip = false): AddedToken {
  return { content, single_word: false, lstrip: leftStrip, rstrip: false, normalized: false, special: true };
}

/**
 * An added token as tokenizer.json, tokenizer_config.json or special_tokens_map.json writes it. Flags default as in
 * the native library: `normalized` is the opposite of `special`. FORMAT_INVALID naming the place.
 */
export function parseAddedToken(value: unknown, place: string, specialByDefault = false): AddedToken {
  if (!isJsonObject(value) || typeof value['content'] !== 'string') {
    throw new IsovecError('FORMAT_INVALID', `${place} must be a token: an object with a string "content".`);
  }
  const flag = (name: string, fallback: boolean): boolean => {
    const given = value[name] ?? fallback;
    if (typeof given === 'boolean') return given;
    throw new IsovecError('FORMAT_INVALID', `${place}: ${name} must be true or false.`);
  };
  const special = flag('special', specialByDefault);
  return {
    content: value['content'],
    single_word: flag('single_word', false),
    lstrip: flag('lstrip', false),
    rstrip: flag('rstrip', false),
    normalized: flag('normalized', !special),
    special,
  };
}
