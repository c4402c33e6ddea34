import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { terminalColumns } from '#src/cli/output/terminal-columns.js';
import { displayWidth } from '#src/cli/text/display-width.js';
import { fitName, fitText, padAfter } from '#src/cli/text/fit-text.js';
import { formatBytes } from '#src/cli/text/format-bytes.js';
import { formatCount, formatShortCount } from '#src/cli/text/format-count.js';
import { formatDuration } from '#src/cli/text/format-duration.js';
import { printableText } from '#src/cli/text/printable-text.js';
import { PLAIN_STYLE, styleFor } from '#src/cli/text/style.js';
import { wrapText } from '#src/cli/text/wrap-text.js';

const anyText = fc.string({ unit: 'grapheme' });

describe('widths', () => {
  it.each([
    ['', 0],
    ['abc', 3],
    ['猫', 2],
    ['한국', 4],
    ['ｱ', 1],
    ['Ａ', 2],
    ['e\u0301', 1],
    ['👩‍👩‍👧', 2],
    ['❤️', 2],
    ['\u200b', 0],
    ['Привет', 6],
  ])('%j takes %i columns', (text, width) => {
    expect(displayWidth(text)).toBe(width);
  });

  it('never exceed what was asked for, and fitting text is left alone', () => {
    fc.assert(
      fc.property(anyText, fc.integer({ min: 1, max: 40 }), (text, columns) => {
        for (const fit of [fitText, fitName]) {
          expect(displayWidth(fit(text, columns))).toBeLessThanOrEqual(columns);
          if (displayWidth(text) <= columns) expect(fit(text, columns)).toBe(text);
        }
        expect(displayWidth(padAfter(fitText(text, columns), columns))).toBe(columns);
      }),
    );
  });

  it('hold for every wrapped line, and wrapping loses no word', () => {
    const words = fc.array(fc.stringMatching(/^[a-z猫]{1,30}$/u), { minLength: 1 });
    fc.assert(
      fc.property(words, fc.integer({ min: 4, max: 60 }), (list, columns) => {
        const wrapped = wrapText(list.join(' '), columns);
        for (const line of wrapped.split('\n')) expect(displayWidth(line)).toBeLessThanOrEqual(columns);
        expect(wrapped.replaceAll(/\s/g, '')).toBe(list.join(''));
      }),
    );
  });
});

describe('foreign text', () => {
  it('is printed on one line without control characters', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        const codes = Array.from(printableText(text), (character) => character.codePointAt(0) ?? 0);
        expect(codes.filter((code) => code < 0x20 || (code >= 0x7f && code < 0xa0))).toEqual([]);
      }),
    );
  });
});

describe('numbers of bytes', () => {
  it.each([
    [0, '0 B'],
    [999, '999 B'],
    [1000, '1.0 kB'],
    [99_949, '99.9 kB'],
    [99_950, '100 kB'],
    [999_499, '999 kB'],
    [999_500, '1.0 MB'],
    [90_868_376, '90.9 MB'],
    [5e12, '5.0 TB'],
  ])('%i is %s', (bytes, text) => {
    expect(formatBytes(bytes)).toBe(text);
  });
});

describe('numbers of things', () => {
  it.each([
    [0, '0', '0'],
    [7.44, '7', '7.4'],
    [812, '812', '812'],
    [999.4, '999', '999'],
    [999.6, '1,000', '1.0k'],
    [4100, '4,100', '4.1k'],
    [9949, '9,949', '9.9k'],
    [12_345, '12,345', '12k'],
    [1_000_000, '1,000,000', '1.0M'],
    [123_456_789, '123,456,789', '123M'],
  ])('%d is %s, or %s where there is little room', (count, whole, short) => {
    expect([formatCount(count), formatShortCount(count)]).toEqual([whole, short]);
  });
});

describe('times', () => {
  it.each([
    [0, '0 s'],
    [0.2, '1 s'],
    [12, '12 s'],
    [59.5, '1 min 0 s'],
    [127, '2 min 7 s'],
    [3599.5, '1 h 0 min'],
    [11_520, '3 h 12 min'],
    [86_399, '1 d 0 h'],
    [190_000, '2 d 5 h'],
  ])('of %d seconds are %s', (seconds, text) => {
    expect(formatDuration(seconds)).toBe(text);
  });
});

describe('colours', () => {
  it('are for terminals, unless NO_COLOR is set to something or the terminal is dumb', async () => {
    expect(await styleFor({}, {})).toBe(PLAIN_STYLE);
    expect(await styleFor({ isTTY: true }, { NO_COLOR: '1' })).toBe(PLAIN_STYLE);
    expect(await styleFor({ isTTY: true }, { TERM: 'dumb' })).toBe(PLAIN_STYLE);
    const style = await styleFor({ isTTY: true }, { NO_COLOR: '', TERM: 'xterm' });
    expect(style.red('x')).toBe('\u001b[31mx\u001b[39m');
  });

  it('are for pipes, too, where FORCE_COLOR asks for them and NO_COLOR does not refuse', async () => {
    expect((await styleFor({}, { FORCE_COLOR: '1' })).red('x')).toBe('\u001b[31mx\u001b[39m');
    expect(await styleFor({}, { FORCE_COLOR: '0' })).toBe(PLAIN_STYLE);
    expect(await styleFor({}, { FORCE_COLOR: '' })).toBe(PLAIN_STYLE);
    expect(await styleFor({ isTTY: true }, { FORCE_COLOR: '1', NO_COLOR: '1' })).toBe(PLAIN_STYLE);
  });
});

describe('columns', () => {
  it('are those of the terminal, of COLUMNS, or 80, within reason', () => {
    expect(terminalColumns({}, {})).toBe(80);
    expect(terminalColumns({}, { COLUMNS: '100' })).toBe(100);
    expect(terminalColumns({}, { COLUMNS: 'wide' })).toBe(80);
    expect(terminalColumns({ columns: 90 }, { COLUMNS: '100' })).toBe(90);
    expect(terminalColumns({ columns: 10 }, {})).toBe(40);
    expect(terminalColumns({ columns: 0 }, {})).toBe(80);
    expect(terminalColumns({ columns: 900 }, {})).toBe(160);
  });
});
