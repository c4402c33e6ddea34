import fc from 'fast-check';
import { expect, it } from 'vitest';
import { openRowSource } from '#src/files/rows/open-row-source.js';
import { accepted, collect, DEFAULTS, inPieces, refusals } from './row-files.js';

const name = 'standard input';

async function texts(
  bytes: Uint8Array,
  sizes: readonly number[] = [bytes.length],
  maxRowBytes = 1000,
): Promise<string[]> {
  return accepted(await collect({ stream: inPieces(bytes, sizes), name }, { maxRowBytes })).map(({ text }) => text);
}

it.each([
  ['a\nb\n', ['a', 'b']],
  ['a\nb', ['a', 'b']],
  ['a\r\nb\r\n', ['a', 'b']],
  ['\n\r\n\n', ['', '', '']],
  ['\ufeffa\n\ufeffb', ['a', '\ufeffb']],
  ['\ufeff', ['']],
  ['a\rb\n', ['a\rb']],
  [' a \u2028\n', [' a \u2028']],
])('%j are the lines %j', async (data, lines) => {
  for (const size of [1, 2, 3, 100]) expect(await texts(Buffer.from(data), [size])).toEqual(lines);
});

it('gives any texts without line ends back, whatever the chunks', async () => {
  const text = fc.string({ unit: 'binary', maxLength: 30 }).filter((value) => !/[\r\n]/.test(value));
  await fc.assert(
    fc.asyncProperty(
      fc.array(text),
      fc.array(fc.integer({ min: 1, max: 20 }), { minLength: 1 }),
      fc.constantFrom('\n', '\r\n'),
      async (lines, sizes, end) => {
        fc.pre(lines[0]?.startsWith('\ufeff') !== true);
        expect(await texts(Buffer.from(lines.map((line) => line + end).join('')), sizes)).toEqual(lines);
      },
    ),
  );
});

it('refuses a line that is not UTF-8 with the byte offset, and goes on', async () => {
  const cases: readonly (readonly [number[], number])[] = [
    [[0x61, 0xff], 1],
    [[0xe2, 0x82], 0],
    [[0x61, 0x80], 1],
    [[0xc3, 0xa9, 0xc3], 2],
    [[0xed, 0xa0, 0x80], 0],
    [[0xf0, 0x9f, 0x99, 0x82, 0xc0, 0xaf], 4],
  ];
  for (const [bytes, offset] of cases) {
    const data = Buffer.concat([Buffer.from('good\n'), Buffer.from(bytes), Buffer.from('\nnext')]);
    for (const size of [1, 100]) {
      const outcomes = await collect({ stream: inPieces(data, [size]), name });
      expect(accepted(outcomes).map(({ number, text }) => [number, text])).toEqual([
        [1, 'good'],
        [3, 'next'],
      ]);
      expect(refusals(outcomes)).toEqual([
        `2 INPUT_INVALID Row 2 of standard input is not UTF-8 at byte ${5 + offset} of the data. Convert the file first, for example with iconv.`,
      ]);
    }
  }
});

it('limits a line in bytes, without its end and the byte order mark', async () => {
  for (const size of [1, 4, 100]) {
    const data = Buffer.from('\ufeffäääää\r\näääääx\r\nok');
    const outcomes = await collect({ stream: inPieces(data, [size]), name }, { maxRowBytes: 10 });
    expect(accepted(outcomes).map(({ number }) => number)).toEqual([1, 3]);
    expect(refusals(outcomes)).toEqual([
      '2 INPUT_TOO_LONG Row 2 of standard input is 11 bytes long; the limit is 10. Split it, or raise the limit with --max-row-bytes.',
    ]);
  }
});

it('takes texts that are given, and refuses those that are no Unicode', async () => {
  const input = { texts: ['a', '', 'x\ud800', 'too long'], name: 'arguments' };
  const outcomes = await collect(input, { keep: ['text'], maxRowBytes: 5 });
  expect(accepted(outcomes)).toEqual([
    { number: 1, text: 'a', values: ['a'] },
    { number: 2, text: '', values: [''] },
  ]);
  expect(refusals(outcomes)).toEqual([
    expect.stringMatching(/^3 INPUT_INVALID Row 3 of arguments holds half a surrogate pair in its text at offset 1/),
    '4 INPUT_TOO_LONG Row 4 of arguments is 8 bytes long; the limit is 5. Split it, or raise the limit with --max-row-bytes.',
  ]);
  expect(await openRowSource(input, DEFAULTS)).toMatchObject({ format: 'text', rowCount: 4, byteCount: undefined });
});
