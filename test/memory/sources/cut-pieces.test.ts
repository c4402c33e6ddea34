import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { cutPieces, type TextBlock } from '#src/memory/sources/markdown/cut-pieces.js';
import { LONE_SURROGATE } from '#src/shared/lone-surrogate.js';

function block(text: string, firstLine = 1): TextBlock {
  return { text, firstLine, lastLine: firstLine + text.split('\n').length - 1 };
}

const textsOf = (blocks: readonly TextBlock[], limit: number): readonly string[] =>
  cutPieces(blocks, limit).map(({ text }) => text);

describe('cutting text into pieces', () => {
  it('joins short blocks, and begins a new piece where the next one does not fit', () => {
    const pieces = cutPieces([block('one two', 1), block('three', 3), block('four five six', 5)], 16);
    expect(pieces).toEqual([
      { text: 'one two\n\nthree', firstLine: 1, lastLine: 3 },
      { text: 'four five six', firstLine: 5, lastLine: 5 },
    ]);
  });

  it('keeps a block whole if it fits into a piece', () => {
    expect(textsOf([block('aaaa bbbb'), block('cccc dddd')], 12)).toEqual(['aaaa bbbb', 'cccc dddd']);
  });

  it('splits a long block between lines, and says which lines', () => {
    expect(cutPieces([block('aaaa\nbbbb\n\ncccc', 7)], 9)).toEqual([
      { text: 'aaaa\nbbbb', firstLine: 7, lastLine: 8 },
      { text: 'cccc', firstLine: 10, lastLine: 10 },
    ]);
  });

  it('splits a long line between words', () => {
    expect(textsOf([block('alpha beta gamma delta')], 11)).toEqual(['alpha beta', 'gamma delta']);
  });

  it('splits Chinese between words, which have no spaces', () => {
    const text = '今天天气很好我们去公园散步';
    const pieces = textsOf([block(text)], 5);
    expect(pieces.join('')).toBe(text);
    expect(pieces.some((piece) => piece.startsWith('气'))).toBe(false);
  });

  it('cuts a word that is longer than a piece, never a character', () => {
    const pieces = textsOf([block('😀'.repeat(9))], 5);
    expect(pieces.join('')).toBe('😀'.repeat(9));
    expect(pieces.every((piece) => piece.length <= 5 && !LONE_SURROGATE.test(piece))).toBe(true);
  });

  it('keeps the indentation of code', () => {
    expect(textsOf([block('if (x)\n    y();')], 100)).toEqual(['if (x)\n    y();']);
  });

  it('covers any text in its order, in bounded pieces', () => {
    const text = fc.string({ unit: fc.constantFrom('a', 'é', '語', '😀', ' ', '\t', '\n', '-', '.'), maxLength: 300 });
    fc.assert(
      fc.property(fc.array(text), fc.integer({ min: 2, max: 40 }), (texts, limit) => {
        const pieces = textsOf(
          texts.map((one) => block(one.trim())).filter((one) => one.text !== ''),
          limit,
        );
        expect(pieces.join('').replaceAll(/\s/g, '')).toBe(texts.join('').replaceAll(/\s/g, ''));
        expect(pieces.every((piece) => piece.length <= limit && piece.trim() !== '')).toBe(true);
      }),
    );
  });
});
