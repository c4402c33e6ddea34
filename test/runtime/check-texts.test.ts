import { IsovecError } from '#src/shared/isovec-error.js';
import { checkTexts } from '#src/runtime/check-texts.js';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

function refusal(texts: readonly unknown[]): IsovecError {
  try {
    checkTexts(texts);
  } catch (error) {
    if (error instanceof IsovecError) return error;
  }
  throw new Error('was not refused');
}

describe('checkTexts', () => {
  it('accepts strings of any code points, the empty one and the empty list', () => {
    fc.assert(
      fc.property(fc.array(fc.string({ unit: 'binary' })), (texts) => {
        expect(checkTexts(texts)).toEqual(texts);
      }),
    );
    expect(checkTexts(['', '😀', '\u0000', '\uffff', '\u{10ffff}'])).toHaveLength(5);
  });

  it.each<[unknown, string]>([
    [undefined, 'undefined'],
    [null, 'null'],
    [3, 'a number'],
    [['a'], 'an array'],
    [{}, 'an object'],
    [new String('a'), 'an object'],
    [Symbol('a'), 'a symbol'],
  ])('names the index and kind of what is no string: %o', (value, kind) => {
    const error = refusal(['fine', value]);
    expect(error).toMatchObject({ code: 'INPUT_INVALID', data: { index: 1 } });
    expect(error.message).toContain('Text 1 ');
    expect(error.message).toContain(kind);
  });

  it('finds an array with holes', () => {
    expect(refusal([...new Array<string>(2)])).toMatchObject({ data: { index: 0 } });
    expect(refusal(['a', , 'b'])).toMatchObject({ data: { index: 1 } });
  });

  it.each([
    ['\ud800', 0],
    ['\udc00', 0],
    ['ab\ud83d', 2],
    ['😀\udc00x', 2],
    ['\ud83d😀', 0],
    ['\udc00\ud800', 0],
  ])('names the offset of a lone surrogate: %j', (text, offset) => {
    const error = refusal(['a', 'b', text]);
    expect(error).toMatchObject({ code: 'INPUT_INVALID', data: { index: 2, offset } });
    expect(error.message).not.toContain(text);
  });

  it('finds exactly the strings that are not well-formed', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0xd7f0, max: 0xe00f }), { maxLength: 6 }), (units) => {
        const text = String.fromCharCode(...units);
        const encodable = Buffer.from(text, 'utf8').toString('utf8') === text;
        if (encodable) expect(checkTexts([text])).toEqual([text]);
        else expect(refusal([text]).code).toBe('INPUT_INVALID');
      }),
    );
  });
});
