import { seededRandom } from './seeded-random.js';

/** Words of everyday English, short and long, so that tokens per word are near those of prose. */
const WORDS =
  'the a of and to in is that it was for on are as with his they at be this from have or by one had not but what all were when we there can an your which their said if do will each about how up out them then she many some so these would other into has more her two like him see time could no make than first been its who now people my made over did down only way find use may water long little very after words called just where most know get through back much before go good new write our used me man too any day same right look think also around another came come work three word must because does part even place well such here take why things help put years different away again off went old number great tell men say small every found still between name should home big give air line set own under read last never us left end along while might next sound below saw something thought both few those always looked show large often together asked house world going want school important until form food keep children feet land side without boy once animals life enough took sometimes four head above kind began almost live page got earth need far hand high year mother light country father let night following picture being study second eyes soon times story boys since white days ever paper hard near sentence better best across during today however sure means knew try told young miles sun ways thing whole hear example heard several change answer room sea against top turned learn point city play toward five using himself usually harbour kettle lemon railway mathematics photosynthesis'.split(
    ' ',
  );

/** Words of a sentence. */
const LEAST_WORDS = 4;
const MOST_WORDS = 18;

/**
 * Texts of `least` to `most` words, evenly spread, in sentences of 4 to 18 words; the same for the same seed. They look
 * like prose to a tokenizer, and mean nothing.
 */
export function generatedTexts(seed: number, count: number, least: number, most: number): string[] {
  const random = seededRandom(seed);
  const below = (limit: number): number => Math.floor(random() * limit);
  const sentence = (words: number): string => {
    const text = Array.from({ length: words }, () => WORDS[below(WORDS.length)] ?? 'word').join(' ');
    return `${text.charAt(0).toUpperCase()}${text.slice(1)}${below(8) === 0 ? '?' : '.'}`;
  };
  return Array.from({ length: count }, () => {
    const sentences: string[] = [];
    for (let left = least + below(most - least + 1); left > 0;) {
      const words = Math.min(left, LEAST_WORDS + below(MOST_WORDS - LEAST_WORDS + 1));
      sentences.push(sentence(words));
      left -= words;
    }
    return sentences.join(' ');
  });
}
