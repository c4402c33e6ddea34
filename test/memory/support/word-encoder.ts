import { extractProfile } from '#src/memory/cognitive/extract-profile.js';
import type { MemoryEncoder } from '#src/memory/memory-encoder.js';
import { declaredSpace } from '#src/models/embedding-space.js';

/** Words of a text, each at a place of its own: texts with the same words are near each other. Fast, and plain to see through. */
export function wordEncoder(model = 'words', dimensions = 64): MemoryEncoder & { readonly embedded: string[] } {
  const embedded: string[] = [];
  return {
    space: declaredSpace({ model, dimensions, normalized: false }),
    embedded,
    profile: extractProfile,
    encodeBatch(texts, { signal }) {
      signal?.throwIfAborted();
      const data = new Float32Array(texts.length * dimensions);
      texts.forEach((text, row) => {
        embedded.push(text);
        for (const word of text.toLowerCase().match(/\p{L}+/gu) ?? ['?']) {
          let place = 7;
          for (const character of word) place = (place * 31 + (character.codePointAt(0) ?? 0)) % dimensions;
          data[row * dimensions + place] = (data[row * dimensions + place] ?? 0) + 1;
        }
      });
      return Promise.resolve({ data });
    },
  };
}
