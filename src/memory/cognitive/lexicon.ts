import { readFileSync } from 'node:fs';

import { parseJsonObject } from '../../formats/json/parse-json.js';
import { ConfigFields } from '../../models/model-config/config-fields.js';
import { IsovecError } from '../../shared/isovec-error.js';
import { COGNITIVE_DIMENSIONS } from './cognitive-dimensions.js';
import { type Modifier, PhraseNode } from './phrase-tree.js';

/** The table of phrases by which profiles are read, ready to be looked up. */
export interface Lexicon {
  /** Raised whenever a text could get another profile, by the table or by the rules: it is part of an embedding space. */
  readonly version: number;
  /** Where every phrase begins. */
  readonly root: PhraseNode;
  /** Words by which a phrase may name a whole class, such as `<day>`. */
  readonly classes: ReadonlyMap<string, string>;
  /** Words that begin a clause. */
  readonly clauseWords: ReadonlySet<string>;
  /** Whether "not" takes a dimension's phrases away, by its index. */
  readonly negated: readonly boolean[];
}

const NAME = 'data/memory/cognitive-lexicon.json';
/** The same relative path leads from src/memory/cognitive and from dist/memory/cognitive. */
const FILE = new URL('../../../data/memory/cognitive-lexicon.json', import.meta.url);
const STRENGTHS = ['strong', 'medium', 'weak'] as const;
const MODIFIERS: readonly Modifier[] = ['negators', 'intensifiers', 'diminishers', 'neutral'];

let loaded: Lexicon | undefined;

/** The package's own table, read at the first call. INTERNAL if the file is missing or broken. */
export function loadLexicon(): Lexicon {
  loaded ??= parseLexicon(readTable());
  return loaded;
}

function readTable(): ConfigFields {
  let bytes: Uint8Array;
  try {
    bytes = readFileSync(FILE);
  } catch (cause) {
    throw new IsovecError('INTERNAL', `${NAME} is missing from the package: install isovec again.`, { cause });
  }
  return new ConfigFields(NAME, parseJsonObject(bytes, NAME), 'INTERNAL');
}

function parseLexicon(table: ConfigFields): Lexicon {
  const root = new PhraseNode();
  const modifiers = part(table, 'modifiers');
  for (const modifier of MODIFIERS) {
    for (const phrase of modifiers.strings(modifier)) for (const end of root.add(phrase)) end.modifier = modifier;
  }
  const weights = part(table, 'weights');
  const dimensions = part(table, 'dimensions');
  let phrases = 0;
  const negated = COGNITIVE_DIMENSIONS.map((name, dimension) => {
    const entry = part(dimensions, name);
    for (const strength of STRENGTHS) {
      const weight = weights.number(strength);
      for (const text of entry.strings(strength)) {
        const phrase = phrases++;
        for (const end of root.add(text)) end.uses.push({ dimension, weight, phrase });
      }
    }
    return entry.boolean('negated', false);
  });
  const classes = part(table, 'classes');
  return {
    version: table.positiveInteger('version'),
    root,
    classes: new Map(
      Object.keys(classes.values).flatMap((name) =>
        classes.strings(name).map((word): [string, string] => [word, name]),
      ),
    ),
    clauseWords: new Set(table.strings('clauseWords')),
    negated,
  };
}

function part(table: ConfigFields, key: string): ConfigFields {
  const found = table.optionalObject(key);
  if (found === undefined) throw table.invalid(key, 'an object');
  return found;
}
