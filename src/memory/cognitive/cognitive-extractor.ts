import type { CognitiveProfile } from './cognitive-dimensions.js';
import { extractProfile } from './extract-profile.js';
import { loadLexicon } from './lexicon.js';

/** Reads profiles from texts. */
export interface CognitiveExtractor {
  /** Part of the embedding space of fused vectors: another one for every way of reading that gives other profiles. */
  readonly name: string;
  /** Must give the same profile for the same text whenever it is asked. */
  readonly extract: (text: string) => CognitiveProfile;
}

/** The rules and the table that come with isovec: {@link extractProfile}. */
export const lexiconExtractor: CognitiveExtractor = {
  get name() {
    return `lexicon-${loadLexicon().version}`;
  },
  extract: extractProfile,
};
