import { describe, expect, it } from 'vitest';

import { heatScale, LEVELS } from '../../page/src/heat/heat-scale.js';
import { fitPoints } from '../../page/src/map/fit-points.js';
import { placeLabels, shortened } from '../../page/src/map/place-labels.js';
import { MAX_TEXTS, textsOf } from '../../page/src/texts-of.js';

const FIELD = { width: 400, height: 300, margin: 20 };

describe('fitPoints', () => {
  it('fills the field within its margins, alike in both directions, with up above', () => {
    const [a, b, c] = fitPoints(
      [
        { x: -1, y: 0 },
        { x: 3, y: 0 },
        { x: 1, y: 2 },
      ],
      FIELD,
    );
    expect([a?.x, b?.x]).toEqual([20, 380]);
    expect((b?.x ?? 0) - (a?.x ?? 0)).toBeCloseTo(2 * ((a?.y ?? 0) - (c?.y ?? 0)), 9);
    expect(c?.y).toBeLessThan(a?.y ?? 0);
  });

  it('puts points that are all one into the middle', () => {
    const points = [1, 2].map(() => ({ x: 5, y: 5 }));
    expect(fitPoints(points, FIELD)).toEqual(points.map(() => ({ x: 200, y: 150 })));
  });
});

describe('placeLabels', () => {
  it('labels points that stand alone, and none outside the field', () => {
    const labels = placeLabels(
      [
        { x: 30, y: 50 },
        { x: 390, y: 200 },
      ],
      ['left', 'right'],
      FIELD,
      9,
    );
    expect(labels.map(({ text, anchor }) => [text, anchor])).toEqual([
      ['left', 'start'],
      ['right', 'end'],
    ]);
  });

  it('leaves labels out where a crowd has no room, and never lays one over another', () => {
    const crowd = Array.from({ length: 40 }, (_, at) => ({ x: 200 + (at % 8) * 6, y: 150 + Math.floor(at / 8) * 6 }));
    const labels = placeLabels(
      crowd,
      crowd.map(() => 'a longer text than fits'),
      FIELD,
      9,
    );
    expect(labels.length).toBeLessThan(10);
    for (const [at, a] of labels.entries()) {
      for (const b of labels.slice(at + 1)) expect([a.x, a.y]).not.toEqual([b.x, b.y]);
    }
  });

  it('shortens by characters, not by halves of them', () => {
    expect(shortened('😀😀😀😀', 3)).toBe('😀😀…');
    expect(shortened('abc', 3)).toBe('abc');
  });
});

describe('heatScale', () => {
  it('goes from the lowest to the highest score of two texts, without those of a text with itself', () => {
    const scores = [1, 0.1, 0.5, 0.1, 1, 0.3, 0.5, 0.3, 1];
    const { lowest, highest, levelOf } = heatScale(scores, 3);
    expect([lowest, highest]).toEqual([0.1, 0.5]);
    expect([0, 0.1, 0.3, 0.5, 1].map(levelOf)).toEqual([0, 0, 4, LEVELS - 1, LEVELS - 1]);
  });

  it('has one shade where all scores are one, and for a lone text', () => {
    expect(heatScale([1, 1, 1, 1], 2).levelOf(1)).toBe(LEVELS - 1);
    expect(heatScale([0.7], 1)).toMatchObject({ lowest: 0.7, highest: 0.7 });
    expect(heatScale([], 0)).toMatchObject({ lowest: 0, highest: 0 });
  });
});

describe('textsOf', () => {
  it('takes a text a line, whatever ends it, and leaves empty lines out', () => {
    expect(textsOf('a\r\n\n  \n b \rc')).toEqual({ texts: ['a', ' b ', 'c'], found: 3 });
  });

  it('takes no more than the page compares', () => {
    const { texts, found } = textsOf('x\n'.repeat(MAX_TEXTS + 5));
    expect([texts.length, found]).toEqual([MAX_TEXTS, MAX_TEXTS + 5]);
  });
});
