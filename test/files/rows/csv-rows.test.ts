import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { openRowSource } from '#src/files/rows/open-row-source.js';
import type { RowSourceOptions } from '#src/files/rows/row-source.js';
import { accepted, collect, DEFAULTS, inPieces, refusals } from './row-files.js';

const name = 'rows.csv';
const format = 'csv';

function input(data: string | Buffer, sizes: readonly number[] = [100_000]) {
  return { stream: inPieces(Buffer.from(data), sizes), name, format } as const;
}

/** Kept values and refusals, which must not depend on the chunks. */
async function read(data: string | Buffer, options: Partial<RowSourceOptions> = {}) {
  const results = [];
  for (const size of [1, 3, 64, 100_000]) {
    const outcomes = await collect(input(data, [size]), { keep: 'all', ...options });
    results.push({ rows: accepted(outcomes).map(({ values }) => values), refused: refusals(outcomes) });
  }
  for (const result of results) expect(result).toEqual(results[0]);
  return results[0];
}

describe('records', () => {
  it('may have quotes, delimiters and line ends in quotes, and mixed line ends between them', async () => {
    const data = '\ufefftext,id\r\n"a ""b"", c",1\n"line 1\nline 2\r\nline 3",2\r\n"",""\n,last';
    expect(await read(data)).toEqual({
      rows: [
        ['a "b", c', '1'],
        ['line 1\nline 2\r\nline 3', '2'],
        ['', ''],
        ['', 'last'],
      ],
      refused: [],
    });
  });

  it('are counted as rows, whatever lines they take', async () => {
    const outcomes = await collect(input('text\n"1\n1\n1"\n2\n'));
    expect(accepted(outcomes).map(({ number }) => number)).toEqual([1, 2]);
  });

  it('of another length are refused with their number and both counts', async () => {
    expect(await read('text,id\na,1\nb\nc,3,4\n\nd,5\n')).toEqual({
      rows: [
        ['a', '1'],
        ['d', '5'],
      ],
      refused: [
        expect.stringContaining('Row 2 of rows.csv has 1 field; the first record has 2.'),
        expect.stringContaining('Row 3 of rows.csv has 3 fields; the first record has 2.'),
        expect.stringContaining('Row 4 of rows.csv has 1 field; the first record has 2.'),
      ],
    });
  });

  it('of one column may be blank lines; a blank line at the end of several columns is none', async () => {
    expect(await read('text\na\n\nb\n\n')).toEqual({ rows: [['a'], [''], ['b'], ['']], refused: [] });
    expect(await read('text,id\na,1\n\n')).toEqual({ rows: [['a', '1']], refused: [] });
  });

  it('of tab-separated values have tabs between fields', async () => {
    const stream = inPieces(Buffer.from('text\tid\na,b\t1\n"c\td"\t2\n'), [100]);
    const rows = accepted(await collect({ stream, name: 'rows.tsv', format: 'tsv' }, { keep: ['id'] }));
    expect(rows).toEqual([
      { number: 1, text: 'a,b', values: ['1'] },
      { number: 2, text: 'c\td', values: ['2'] },
    ]);
  });
});

describe('the header', () => {
  it.each([
    ['text,id,text\n', 'Columns 1 and 3 of rows.csv are both named "text"'],
    ['text,,id\n', 'Column 2 of rows.csv has no name'],
    ['\n', 'Column 1 of rows.csv has no name'],
    ['', 'rows.csv is empty: its first record must name the columns'],
    ['\ufeff', 'rows.csv is empty: its first record must name the columns'],
    ['text\ra\rb', 'The header of rows.csv holds a bare carriage return'],
  ])('%j is refused', async (data, rule) => {
    await expect(read(data)).rejects.toMatchObject({
      code: 'INPUT_INVALID',
      message: expect.stringContaining(rule) as string,
    });
  });

  it('may be absent', async () => {
    const options = { header: false, column: 'column2' };
    const source = await openRowSource(input('1,a\n2,b'), { ...DEFAULTS, ...options, keep: 'all' });
    expect(source).toMatchObject({ column: 'column2', columns: [{ name: 'column1' }, { name: 'column2' }] });
    await source.close();
    expect(await read('1,a\n2,b', options)).toEqual({
      rows: [
        ['1', 'a'],
        ['2', 'b'],
      ],
      refused: [],
    });
    expect(await read('', { header: false })).toEqual({ rows: [], refused: [] });
    await expect(read('1,a', { header: false })).rejects.toThrow('its columns are "column1", "column2"');
  });

  it('with one column needs no name for the text', async () => {
    expect(await openRowSource(input('body\na'), DEFAULTS)).toMatchObject({ column: 'body' });
  });
});

describe('damage', () => {
  it.each([
    ['text\na\n"secret\nb\nc\n', 'In rows.csv, a quote that begins in row 2 is never closed.'],
    ['text\na\nb"secret"\n', 'In rows.csv, row 2 has a quote in a field that does not begin with one.'],
    ['text\na\n"b"secret\nd\n', 'In rows.csv, row 2 has more characters after a closing quote.'],
    ['te"xt\na\n', 'In rows.csv, the header has a quote in a field that does not begin with one.'],
  ])('%j is thrown with its row', async (data, rule) => {
    for (const size of [1, 100]) {
      const failure = collect(input(data, [size]));
      await expect(failure).rejects.toMatchObject({
        code: 'FORMAT_INVALID',
        message: expect.stringContaining(rule) as string,
      });
      await expect(failure).rejects.not.toThrow('secret');
    }
  });

  it('of bytes that are not UTF-8 is thrown with their offset, after the rows before', async () => {
    const head = `text\n${'ä\n'.repeat(100)}`;
    for (const broken of [
      [0xff, 0x0a],
      [0xe2, 0x28, 0x0a],
      [0xe2, 0x82],
    ]) {
      const data = Buffer.concat([Buffer.from(head), Buffer.from(broken)]);
      for (const size of [1, 2, 7, 10_000]) {
        const source = await openRowSource(input(data, [size]), DEFAULTS);
        let rows = 0;
        const reading = (async () => {
          for await (const run of source.rows()) rows += run.length;
        })();
        await expect(reading).rejects.toMatchObject({
          code: 'INPUT_INVALID',
          message: `rows.csv is not UTF-8 at byte ${Buffer.byteLength(head)} of the data. Convert it first, for example with iconv.`,
        });
        expect(rows).toBeGreaterThan(90);
      }
    }
  });

  it('of a record that is too long is refused, and thrown before it fills the memory', async () => {
    const rows = (length: number): string => `text\na\n${'x'.repeat(length)}\nb\n`;
    expect(await read(rows(150), { maxRowBytes: 100 })).toEqual({
      rows: [['a'], ['b']],
      refused: [
        '2 INPUT_TOO_LONG Row 2 of rows.csv is 151 bytes long; the limit is 100. Split it, or raise the limit with --max-row-bytes.',
      ],
    });
    for (const data of [rows(250), `text\na\n"${'x\n'.repeat(1000)}`, `text\na\n${','.repeat(100_000)}`]) {
      await expect(read(data, { maxRowBytes: 100 })).rejects.toMatchObject({
        code: 'INPUT_TOO_LONG',
        message: expect.stringContaining('In rows.csv, row 2 is longer than 200 bytes.') as string,
      });
    }
  });
});

it('gives any fields back, whatever the chunks, quotes and line ends', async () => {
  const field = fc.string({
    unit: fc.oneof(
      fc.constantFrom('"', ',', '\n', '\r', ' ', 'ä'),
      fc.string({ unit: 'binary', minLength: 1, maxLength: 1 }),
    ),
  });
  const records = fc.array(fc.tuple(field, field), { maxLength: 20 });
  const sizes = fc.array(fc.integer({ min: 1, max: 30 }), { minLength: 1 });
  await fc.assert(
    fc.asyncProperty(records, sizes, fc.constantFrom('\n', '\r\n'), fc.boolean(), async (rows, pieces, end, always) => {
      const encode = (value: string): string =>
        always || /[",\r\n]/.test(value) ? `"${value.replaceAll('"', '""')}"` : value;
      const data = `text,b${end}${rows.map((row) => row.map(encode).join() + end).join('')}`;
      const outcomes = await collect(input(data, pieces), { keep: 'all' });
      expect(outcomes).toEqual(rows.map((row, index) => ({ number: index + 1, text: row[0], values: row })));
    }),
  );
});
