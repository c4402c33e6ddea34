/** A text of fewer words is short itself. */
const LEAST_WORDS = 7;

/**
 * Texts with short pieces of them, of one to four words each: what a model makes of short texts is the hardest to keep,
 * and collections of texts seldom hold any. Each piece is taken once. Texts without spaces between words give none.
 */
export function withPieces(texts: readonly string[]): readonly string[] {
  const all = new Set<string>();
  texts.forEach((text, i) => {
    const words = text.split(/\s+/).filter((word) => word !== '');
    if (words.length < LEAST_WORDS) return;
    const length = i % 3;
    all.add(words[i % words.length] ?? '');
    all.add(words.slice(-1 - length).join(' '));
    all.add(words.slice(0, 2 + length).join(' '));
  });
  return [...texts, ...all];
}
