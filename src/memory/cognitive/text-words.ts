/** A word of a text as the lexicon looks at it. */
export interface TextWord {
  /** In lower case and without a possessive 's; `<date>`, `<time>` and `<number>` stand for what is written in digits. */
  readonly text: string;
  /** Number of the clause that it stands in; punctuation and words such as "but" begin another one. */
  readonly clause: number;
}

/**
 * A date or a time in digits, a number, a word, or the end of a clause. Every part that repeats is one class of
 * characters, so that matching takes time in proportion to the text (CWE-1333).
 */
const PIECE =
  /(\d{4}-\d{2}-\d{2}(?:t\d{2}:\d{2}(?::\d{2})?z?)?(?![\p{L}\p{N}])|\d{1,2}[./]\d{1,2}[./]\d{2,4}(?![\p{L}\p{N}]))|(\d{1,2}(?::\d{2}){1,2}(?:\s?[ap]m)?(?![\p{L}\p{N}])|\d{1,2}\s?[ap]m(?![\p{L}\p{N}]))|(\d+)|([\p{L}\p{M}]+(?:'[\p{L}\p{M}]+)*)|([\n()—–]|[.,;:!?…](?=[\s"'().,;:!?…]|$))/gu;

/** The words of a text in their order, in any script; a text without any gives none. */
export function wordsOf(text: string, clauseWords: ReadonlySet<string>): TextWord[] {
  const words: TextWord[] = [];
  let clause = 0;
  for (const [, date, time, number, letters] of text.replaceAll('’', "'").toLowerCase().matchAll(PIECE)) {
    if (date !== undefined) words.push({ text: '<date>', clause });
    else if (time !== undefined) words.push({ text: '<time>', clause });
    else if (number !== undefined) words.push({ text: '<number>', clause });
    else if (letters !== undefined) {
      const word = letters.endsWith("'s") ? letters.slice(0, -2) : letters;
      if (clauseWords.has(word)) clause++;
      words.push({ text: word, clause });
    } else clause++;
  }
  return words;
}
