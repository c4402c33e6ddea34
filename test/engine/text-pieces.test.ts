import { withPieces } from '#src/engine/quantize/text-pieces.js';
import { describe, expect, it } from 'vitest';

describe('pieces of calibration texts', () => {
  it('are short, follow the texts, and come once', () => {
    const long = 'one two three four five six seven';
    const texts = [long, 'short enough', long, ''];
    const all = withPieces(texts);
    expect(all.slice(0, 4)).toEqual(texts);
    const pieces = all.slice(4);
    expect(pieces).toEqual(['one', 'seven', 'one two', 'three', 'five six seven', 'one two three four']);
    expect(new Set(withPieces([...texts, ...texts])).size).toBeLessThan(withPieces([...texts, ...texts]).length);
  });
});
