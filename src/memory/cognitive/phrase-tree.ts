import { inflectionsOf } from './inflections.js';

/** What a word or a phrase does to those that follow it; 'neutral' ones only keep their words from doing anything. */
export type Modifier = 'negators' | 'intensifiers' | 'diminishers' | 'neutral';

/** That a phrase shows a dimension. */
export interface PhraseUse {
  /** Index in COGNITIVE_DIMENSIONS. */
  readonly dimension: number;
  /** In (0, 1). */
  readonly weight: number;
  /** Number of the phrase: its inflected forms are one. */
  readonly phrase: number;
}

/** A place in the tree of all phrases: what ends here, and which words lead on. */
export class PhraseNode {
  readonly next: Map<string, PhraseNode> = new Map();
  readonly uses: PhraseUse[] = [];
  modifier: Modifier | undefined;

  /** The ends of a phrase of the lexicon: one, or several where a word with a + stands for its inflections, too. */
  add(phrase: string): readonly PhraseNode[] {
    let ends: readonly PhraseNode[] = [this];
    for (const word of phrase.split(' ')) {
      const forms = word.endsWith('+') ? inflectionsOf(word.slice(0, -1)) : [word];
      ends = ends.flatMap((node) => forms.map((form) => node.#child(form)));
    }
    return ends;
  }

  #child(word: string): PhraseNode {
    let child = this.next.get(word);
    if (child === undefined) this.next.set(word, (child = new PhraseNode()));
    return child;
  }
}
