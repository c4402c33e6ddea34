import type { Token } from '../runtime/tokenizer.js';

/**
 * Tokens as text-embeddings-inference gives them: their places count Unicode characters, where JavaScript counts UTF-16
 * code units, and what stands for a part of the text shows that part.
 */
export function teiTokens(text: string, tokens: readonly Token[]): Token[] {
  const characters = characterPlaces(text);
  return tokens.map(({ id, text: name, special, start, stop }) =>
    start === undefined || stop === undefined
      ? { id, text: name, special }
      : {
          id,
          text: special ? name : text.slice(start, stop),
          special,
          start: characters[start] ?? 0,
          stop: characters[stop] ?? 0,
        },
  );
}

/** For each code unit, and the end: how many characters come before it. */
function characterPlaces(text: string): Uint32Array {
  const places = new Uint32Array(text.length + 1);
  let unit = 0;
  let count = 0;
  for (const character of text) {
    places.fill(count++, unit, unit + character.length);
    unit += character.length;
  }
  places[unit] = count;
  return places;
}
