/** A run of texts: from `begin` up to `end`, which is left out. */
export interface TextRange {
  readonly begin: number;
  readonly end: number;
}

/** What one request may hold. */
export interface BatchLimits {
  readonly maxTexts: number;
  /** UTF-16 code units; a text that is longer goes alone. */
  readonly maxCharacters: number;
}

/** The texts in their order, cut into runs that are each as long as the limits allow. Pure. */
export function splitBatches(texts: readonly string[], { maxTexts, maxCharacters }: BatchLimits): readonly TextRange[] {
  const ranges: TextRange[] = [];
  let begin = 0;
  let characters = 0;
  for (const [index, { length }] of texts.entries()) {
    if (index > begin && (index - begin >= maxTexts || characters + length > maxCharacters)) {
      ranges.push({ begin, end: index });
      begin = index;
      characters = 0;
    }
    characters += length;
  }
  if (begin < texts.length) ranges.push({ begin, end: texts.length });
  return ranges;
}
