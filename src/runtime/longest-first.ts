/** Longer texts are truncated anyway, and count as equally long. */
const LONGEST = 8192;

/**
 * Indices of texts by falling length in UTF-16 units, or of lists of token ids by theirs, equal lengths in their order. A counting sort: a million texts
 * take the event loop a few milliseconds, where comparing them takes a second.
 */
export function longestFirst(texts: readonly { readonly length: number }[]): Uint32Array {
  const starts = new Uint32Array(LONGEST + 2);
  const rank = (text: { readonly length: number }): number => LONGEST - Math.min(text.length, LONGEST);
  for (const text of texts) {
    const next = rank(text) + 1;
    starts[next] = (starts[next] ?? 0) + 1;
  }
  for (let i = 1; i < starts.length; i++) starts[i] = (starts[i] ?? 0) + (starts[i - 1] ?? 0);
  const order = new Uint32Array(texts.length);
  texts.forEach((text, index) => {
    const place = starts[rank(text)] ?? 0;
    order[place] = index;
    starts[rank(text)] = place + 1;
  });
  return order;
}
