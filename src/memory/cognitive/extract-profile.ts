import { type CognitiveProfile, COGNITIVE_DIMENSIONS, profileOfRow } from './cognitive-dimensions.js';
import { type Lexicon, loadLexicon } from './lexicon.js';
import type { Modifier, PhraseNode } from './phrase-tree.js';
import { type TextWord, wordsOf } from './text-words.js';

/** Words after a negator that it takes away: "not at all that happy". */
const NEGATOR_REACH = 3;
/** Words after "very" or "a bit" that it strengthens or weakens. */
const DEGREE_REACH = 2;
const DEGREES: Readonly<Partial<Record<Modifier, number>>> = { intensifiers: 1.3, diminishers: 0.6 };
/** No phrase alone makes a dimension certain. */
const MOST_OF_ONE_PHRASE = 0.95;
/** Words up to which evidence counts in full. Beyond it chance finds grow about as the root of the length, and are divided by it. */
const FULL_LENGTH = 60;
const DIGITS = 1e4;

/** A phrase that begins at some word, with the index after its last one. */
interface Match {
  readonly node: PhraseNode;
  readonly end: number;
}

/**
 * How much a text shows of each dimension, by the phrases of `data/memory/cognitive-lexicon.json` and no model: English, and
 * 0 throughout for other languages. 1 - product(1 - weight) over the different phrases found, damped in texts beyond 60
 * words; the longest phrase at a place counts, negated ones do not, and "very" or "a bit" before one changes its weight.
 * Deterministic, in time proportional to the text, for any string.
 */
export function extractProfile(text: string): CognitiveProfile {
  const lexicon = loadLexicon();
  const words = wordsOf(text, lexicon.clauseWords);
  const damping = Math.min(1, Math.sqrt(FULL_LENGTH / words.length));
  return profileOfRow(
    findEvidence(words, lexicon).map((phrases) => {
      let doubt = 0;
      for (const weight of phrases.values()) doubt += Math.log(1 - weight);
      return Math.round((1 - Math.exp(doubt * damping)) * DIGITS) / DIGITS;
    }),
  );
}

/** The weights of the phrases that were found, by their numbers, for each dimension. */
function findEvidence(words: readonly TextWord[], lexicon: Lexicon): ReadonlyMap<number, number>[] {
  const evidence = COGNITIVE_DIMENSIONS.map(() => new Map<number, number>());
  /** Per dimension: where its last phrase ended, so that phrases do not overlap. */
  const taken = COGNITIVE_DIMENSIONS.map(() => 0);
  let inPhraseUntil = 0;
  let negated = { clause: -1, until: 0 };
  let degree = { clause: -1, until: 0, factor: 1 };

  for (const [at, { clause }] of words.entries()) {
    const matches = matchesAt(words, at, lexicon);
    const isNegated = negated.clause === clause && at < negated.until;
    const factor = degree.clause === clause && at < degree.until ? degree.factor : 1;
    // The longest come first, and take the place from the shorter ones of the same dimension.
    for (const { node, end } of matches) {
      for (const { dimension, weight, phrase } of node.uses) {
        const found = evidence[dimension];
        if (found === undefined || at < (taken[dimension] ?? 0)) continue;
        taken[dimension] = end;
        if (isNegated && lexicon.negated[dimension] === true) continue;
        found.set(phrase, Math.max(found.get(phrase) ?? 0, Math.min(MOST_OF_ONE_PHRASE, weight * factor)));
      }
      if (end > at + 1 && (node.uses.length > 0 || node.modifier === 'neutral')) {
        inPhraseUntil = Math.max(inPhraseUntil, end);
      }
    }
    // "can't" of "can't wait" negates nothing that follows.
    if (at < inPhraseUntil) continue;
    const found = matches.find(({ node }) => node.modifier !== undefined);
    const modifier = found?.node.modifier;
    if (found === undefined || modifier === undefined) continue;
    if (modifier === 'negators') negated = { clause, until: found.end + NEGATOR_REACH };
    const change = DEGREES[modifier];
    if (change !== undefined) {
      degree = { clause, until: found.end + DEGREE_REACH, factor: change };
      // The negator in "never felt so" is part of the praise.
      inPhraseUntil = Math.max(inPhraseUntil, found.end);
    }
  }
  return evidence;
}

/** The phrases that begin at a word and stay in its clause, the longest first. */
function matchesAt(words: readonly TextWord[], at: number, { root, classes }: Lexicon): Match[] {
  const clause = words[at]?.clause;
  const matches: Match[] = [];
  let open: readonly PhraseNode[] = [root];
  // Ends with the longest phrase of the lexicon at the latest.
  for (let end = at + 1; open.length > 0; end++) {
    const word = words[end - 1];
    if (word === undefined || word.clause !== clause) break;
    const kind = classes.get(word.text);
    open = open
      .flatMap(({ next }) => [next.get(word.text), kind === undefined ? undefined : next.get(kind)])
      .filter((node) => node !== undefined);
    // Of those of one length the one that names its words comes before those that name classes.
    matches.unshift(...open.map((node) => ({ node, end })));
  }
  return matches;
}
