import type { EmbedInput } from '../embed-texts.js';
import type { TextsOrTokens } from './schemas/texts-or-tokens.js';

/** The inputs of a request; a list of numbers is the token ids of one text. */
export function inputsOf(input: TextsOrTokens): readonly EmbedInput[] {
  if (typeof input === 'string') return [input];
  return isTokenIds(input) ? [input] : input;
}

/** Token ids of one text and of several differ in their depth. */
export function isTokenIds(input: Exclude<TextsOrTokens, string>): input is readonly number[] {
  return typeof input[0] === 'number';
}
