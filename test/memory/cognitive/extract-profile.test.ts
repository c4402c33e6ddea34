import { readFileSync } from 'node:fs';
import path from 'node:path';

import { COGNITIVE_DIMENSIONS, type CognitiveDimension } from '#src/memory/cognitive/cognitive-dimensions.js';
import { extractProfile } from '#src/memory/cognitive/extract-profile.js';
import { loadLexicon } from '#src/memory/cognitive/lexicon.js';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';

const tableSchema = z.object({
  dimensions: z.record(
    z.string(),
    z.object({ strong: z.array(z.string()), medium: z.array(z.string()), weak: z.array(z.string()) }),
  ),
});
const table = tableSchema.parse(
  JSON.parse(readFileSync(path.resolve(import.meta.dirname, '../../../data/memory/cognitive-lexicon.json'), 'utf8')),
);

/** A word of each class. */
const EXAMPLES: Readonly<Record<string, string>> = {
  date: '2026-11-27',
  time: '14:30',
  number: '40',
  unit: 'weeks',
  day: 'monday',
  month: 'june',
  period: 'semester',
};

/** Words that the lexicon does not know. */
const FILLER = ' Spoons rest beside a wooden bowl.';

/** A text that shows a dimension clearly, and one that does not. */
const CASES: readonly [CognitiveDimension, string, string][] = [
  ['frustration', 'This is so frustrating, I am fed up with it.', 'The bridge opens in spring.'],
  ['satisfaction', 'I am delighted and really proud of what came out.', 'The train leaves from platform four.'],
  ['curiosity', 'I wonder how it works; what a fascinating thing.', 'The table is made of oak.'],
  ['stress', 'I feel overwhelmed and anxious and could not sleep.', 'The lamp stands on the shelf.'],
  ['urgency', 'Please answer as soon as possible, this is urgent.', 'Whales are mammals.'],
  ['deadlinePressure', 'It is due by Friday, we are behind schedule.', 'Whales are mammals.'],
  ['timeContext', 'We meet on 2026-11-27 at 14:30.', 'Whales are mammals.'],
  ['work', 'My boss wants the budget of the project.', 'The cat sleeps on the sofa.'],
  ['technical', 'The compiler crashed while the database was deployed.', 'The cat sleeps on the sofa.'],
  ['creative', 'She painted a picture and composed a melody.', 'The tap drips.'],
  ['analytical', 'The statistics compare the median of both benchmarks.', 'The tap drips.'],
  ['collaborative', 'Our whole team held a workshop together.', 'The tap drips.'],
  ['individual', 'I did it alone, by myself, in solitude.', 'The tap drips.'],
  ['collaboration', 'They worked together and co-wrote the chapter.', 'The tap drips.'],
  ['support', 'She encouraged me and helped me through it.', 'The tap drips.'],
  ['interaction', 'We talked for long, then he asked me a question.', 'The tap drips.'],
];

describe('extractProfile', () => {
  it('has a case for every dimension', () => {
    expect(CASES.map(([name]) => name)).toEqual([...COGNITIVE_DIMENSIONS]);
  });

  it.each(CASES)('tells a text with %s from one without', (name, shows, showsNot) => {
    expect(extractProfile(shows)[name]).toBeGreaterThan(0.7);
    expect(extractProfile(showsNot)[name]).toBe(0);
  });

  it.each<[CognitiveDimension, string]>([
    ['frustration', 'I am not frustrated.'],
    ['frustration', 'It was not at all frustrating.'],
    ['frustration', "It isn't annoying."],
    ['frustration', 'It isn’t annoying.'],
    ['satisfaction', 'She was never happy.'],
    ['stress', 'A week without stress.'],
    ['urgency', 'No hurry, nothing urgent.'],
    ['deadlinePressure', 'There is no deadline.'],
  ])('does not count what is negated: %s in "%s"', (name, text) => {
    expect(extractProfile(text)[name]).toBe(0);
  });

  it.each<[CognitiveDimension, string]>([
    ['frustration', 'I did not sleep, and I am frustrated.'],
    ['frustration', 'It does not crash. Frustrating all the same.'],
    ['frustration', 'Nobody laughed but everybody was angry.'],
    ['satisfaction', 'Not only fast: happy, too.'],
    ['satisfaction', 'I have never been so happy.'],
  ])('lets a negation reach no further than its clause: %s in "%s"', (name, text) => {
    expect(extractProfile(text)[name]).toBeGreaterThan(0.7);
  });

  it('weighs by degree', () => {
    const [less, plain, more] = ['I am slightly annoyed.', 'I am annoyed.', 'I am extremely annoyed.'].map(
      (text) => extractProfile(text).frustration,
    );
    expect(less).toBeLessThan(plain ?? NaN);
    expect(more).toBeGreaterThan(plain ?? NaN);
  });

  it('looks for whole words, in any case, with their inflections', () => {
    expect(extractProfile('The drummer was out of rhythm.').technical).toBe(0);
    expect(extractProfile('A comrade of the brigade').frustration).toBe(0);
    expect(extractProfile('FRUSTRATED')).toEqual(extractProfile('frustrated'));
    for (const text of ['debug', 'debugs', 'debugged', 'debugging']) {
      expect(extractProfile(text).technical).toBeGreaterThan(0.7);
    }
  });

  it.each<[CognitiveDimension, string]>([
    ['timeContext', '27.11.2026'],
    ['timeContext', '2026-11-27T14:30:00Z'],
    ['timeContext', 'at 3 pm'],
    ['timeContext', 'three weeks ago'],
    ['timeContext', 'on 4 July'],
    ['urgency', 'in 2 hours'],
    ['urgency', 'ASAP'],
    ['deadlinePressure', 'by 17:00'],
    ['deadlinePressure', 'before next Tuesday, by 2026-12-01'],
    ['deadlinePressure', 'only three days left'],
  ])('understands times: %s in "%s"', (name, text) => {
    expect(extractProfile(text)[name]).toBeGreaterThanOrEqual(0.5);
  });

  it('counts a phrase once however often it is said', () => {
    expect(extractProfile('annoyed annoyed annoyed')).toEqual(extractProfile('annoyed'));
  });

  it('gives values in [0, 1], the same each time, for any string', () => {
    const words = fc.constantFrom(
      'not',
      'very',
      'frustrated',
      'happy',
      'by',
      'Friday',
      'team',
      ',',
      '3',
      'pm',
      '.',
      'but',
    );
    const text = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.array(words, { maxLength: 40 }).map((parts) => parts.join(' ')),
    );
    fc.assert(
      fc.property(text, (given) => {
        const profile = extractProfile(given);
        for (const name of COGNITIVE_DIMENSIONS) {
          expect(profile[name]).toBeGreaterThanOrEqual(0);
          expect(profile[name]).toBeLessThanOrEqual(1);
        }
        expect(extractProfile(given)).toEqual(profile);
      }),
    );
  });

  it('is never raised by words that it does not know', () => {
    expect(Object.values(extractProfile(FILLER)).every((value) => value === 0)).toBe(true);
    fc.assert(
      fc.property(fc.constantFrom(...CASES), fc.integer({ min: 1, max: 60 }), ([, text], times) => {
        const before = extractProfile(text);
        const after = extractProfile(text + FILLER.repeat(times));
        for (const name of COGNITIVE_DIMENSIONS) expect(after[name]).toBeLessThanOrEqual(before[name]);
      }),
    );
  });

  it('is zero for what holds no English words', () => {
    for (const text of ['', '   ', '...!?', '🚢🚢', 'これは日本語の文章です', 'Всё работает хорошо', '\ud800']) {
      expect(Object.values(extractProfile(text)).every((value) => value === 0)).toBe(true);
    }
  });

  it.each([
    ['punctuation', '.'.repeat(2_000_000) + 'x'],
    ['one word', 'a'.repeat(2_000_000)],
    ['apostrophes', "a'".repeat(1_000_000)],
    ['digits', '1'.repeat(2_000_000)],
    ['beginnings of dates', '2026-11-'.repeat(250_000)],
    ['negators', 'not very '.repeat(200_000)],
    ['beginnings of phrases', 'by the end '.repeat(200_000)],
  ])('reads a hostile text of millions of characters: %s', (_name, text) => {
    expect(extractProfile(text)).toEqual(extractProfile(text));
  });
});

describe('the lexicon', () => {
  it('holds no phrase twice in one dimension', () => {
    for (const [name, entry] of Object.entries(table.dimensions)) {
      const phrases = [...entry.strong, ...entry.medium, ...entry.weak];
      expect([name, phrases.filter((phrase, at) => phrases.indexOf(phrase) !== at)]).toEqual([name, []]);
    }
  });

  it('finds every phrase that it holds', () => {
    const missed: string[] = [];
    for (const name of COGNITIVE_DIMENSIONS) {
      for (const [strength, weight] of [
        ['strong', 0.8],
        ['medium', 0.5],
        ['weak', 0.25],
      ] as const) {
        for (const phrase of table.dimensions[name]?.[strength] ?? []) {
          const text = phrase.replaceAll('+', '').replaceAll(/<(\w+)>/g, (_, kind: string) => EXAMPLES[kind] ?? '');
          if (extractProfile(text)[name] < weight) missed.push(`${name}: ${phrase}`);
        }
      }
    }
    expect(missed).toEqual([]);
  });

  it('gives these profiles in this version: raise it where they change, as stored vectors do', () => {
    const text =
      "I'm so frustrated, the build isn't slow but it crashed twice; our team must fix it by Friday, 2026-11-27 at 9 am.";
    expect([loadLexicon().version, extractProfile(text)]).toMatchInlineSnapshot(`
      [
        1,
        {
          "analytical": 0,
          "collaboration": 0.5,
          "collaborative": 0.8,
          "creative": 0,
          "curiosity": 0,
          "deadlinePressure": 0.8,
          "frustration": 0.9625,
          "individual": 0.5,
          "interaction": 0.25,
          "satisfaction": 0,
          "stress": 0,
          "support": 0,
          "technical": 0.8594,
          "timeContext": 0.98,
          "urgency": 0.625,
          "work": 0.5,
        },
      ]
    `);
  });
});
