import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { generatedTexts } from '#src/bench/index.js';

describe('generated texts', () => {
  it('are the same for the same seed, and others for another', () => {
    expect(generatedTexts(7, 50, 3, 40)).toEqual(generatedTexts(7, 50, 3, 40));
    expect(generatedTexts(7, 50, 3, 40)).not.toEqual(generatedTexts(8, 50, 3, 40));
    // Figures are compared across versions only while the texts stay.
    expect(generatedTexts(1, 2, 4, 8)).toMatchInlineSnapshot(`
      [
        "Between harbour five way. Must mathematics take.",
        "Who how went this.",
      ]
    `);
  });

  it('have the number of words asked for, in sentences', () => {
    fc.assert(
      fc.property(fc.integer(), fc.integer({ min: 1, max: 60 }), fc.nat(40), (seed, least, more) => {
        for (const text of generatedTexts(seed, 5, least, least + more)) {
          const words = text.split(' ').length;
          expect(words).toBeGreaterThanOrEqual(least);
          expect(words).toBeLessThanOrEqual(least + more);
          expect(text).toMatch(/^([A-Z][a-z]*( [a-z]+)*[.?] ?)+$/);
          expect(text.split(/[.?] ?/).every((sentence) => sentence.split(' ').length <= 18)).toBe(true);
        }
      }),
      { numRuns: 60 },
    );
  });
});
