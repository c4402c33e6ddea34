import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { readFrontMatter } from '#src/memory/sources/markdown/front-matter.js';

const read = (text: string): ReturnType<typeof readFrontMatter> => readFrontMatter(text.split('\n'));

describe('front matter', () => {
  it('tells title, tags and date', () => {
    expect(read('---\ntitle: A guide\ntags: [alpha, "#beta", alpha]\ndate: 2024-03-01\n---\nText')).toEqual({
      title: 'A guide',
      tags: ['alpha', 'beta'],
      date: Date.UTC(2024, 2, 1),
      lineCount: 5,
    });
  });

  it('takes tags from one text with commas, or from a list over lines', () => {
    expect(read('---\ntags: a, b c ,\n---').tags).toEqual(['a', 'b c']);
    expect(read('---\ntags:\n  - a\n  - 2024\n---').tags).toEqual(['a', '2024']);
  });

  it('takes a time without offset for UTC, whatever zone the machine is in', () => {
    expect(read('---\ndate: 2024-03-01 10:30\n---').date).toBe(Date.UTC(2024, 2, 1, 10, 30));
    expect(read('---\ndate: 2024-03-01T10:30:05+02:00\n---').date).toBe(Date.UTC(2024, 2, 1, 8, 30, 5));
  });

  it('has no date if that is none', () => {
    for (const date of ['2024-13-45', 'tomorrow', '[1]', '12', '']) {
      expect(read(`---\ndate: ${date}\n---`).date).toBeUndefined();
    }
  });

  it.each([
    ['no closing line', '---\ntitle: x\n'],
    ['text that is no YAML', '---\ntitle: x: y: z\n\t- a\n---\n'],
    ['YAML without members', '---\nJust a paragraph.\n---\n'],
    ['a member that stands twice', '---\na: 1\na: 2\n---\n'],
    ['a line before it', '\n---\ntitle: x\n---\n'],
    ['nesting of brackets', `---\na: ${'['.repeat(101)}${']'.repeat(101)}\n---\n`],
    ['nesting of lists', `---\na:\n ${'- '.repeat(21)}b\n---\n`],
    ['nesting of members', `---\n${Array.from({ length: 50 }, (_, at) => `${' '.repeat(at)}a:`).join('\n')}\n---\n`],
    ['a key that is a collection', '---\n? [a]\n: b\n---\n'],
    ['aliases that multiply', `---\na: &a [x, x]\n${letters()}\n---\n`],
    ['more than its bound', `---\na: ${'x'.repeat(20_000)}\n---\n`],
  ])('is text if there is %s', (_, text) => {
    expect(read(text)).toEqual({ title: undefined, tags: [], date: undefined, lineCount: 0 });
  });

  it('is read without an error, whatever stands there', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        expect(read(`---\n${text}\n---`).lineCount).toBeGreaterThanOrEqual(0);
      }),
    );
  });
});

/** Twenty lists, each of the one before it ten times. */
function letters(): string {
  return Array.from({ length: 20 }, (_, at) => {
    const before = `*${String.fromCharCode(97 + at)}`;
    return `${String.fromCharCode(98 + at)}: &${String.fromCharCode(98 + at)} [${Array(10).fill(before).join(', ')}]`;
  }).join('\n');
}
