import { copyFileSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import fc from 'fast-check';
import { parquetWriteBuffer } from 'hyparquet-writer';
import { describe, expect, it } from 'vitest';
import { openRowSource } from '#src/files/rows/open-row-source.js';
import { isIsovecError } from '#src/shared/isovec-error.js';
import { accepted, collect, DEFAULTS, ENCODERS, openFiles, refusals, temporaryFolder } from './row-files.js';

// Written by test/fixtures/rows/make-parquet.py with pyarrow.
const FIXTURES = path.resolve(import.meta.dirname, '../../fixtures/rows');
const fixture = (name: string): string => path.join(FIXTURES, `${name}.parquet`);

describe.each([
  'plain-v1',
  'plain-v2',
  'dictionary-snappy-v1',
  'dictionary-zstd-v2',
  'dictionary-gzip-v1',
  'dictionary-brotli-v2',
  'lz4-v1',
  'delta-v2',
])('the layout %s', (layout) => {
  it('has the same rows as every other', async () => {
    const source = await openRowSource({ file: fixture(layout) }, { ...DEFAULTS, keep: 'all' });
    expect(source).toMatchObject({ rowCount: 300, column: 'text' });
    expect(source.columns).toEqual([
      { name: 'id', type: 'int64' },
      { name: 'text', type: 'string' },
      { name: 'score', type: 'float64' },
    ]);
    const outcomes = await collect({ file: fixture(layout) }, { keep: 'all' });
    const expected = Array.from({ length: 300 }, (_, i) => {
      if (i % 50 === 49) return { number: i + 1, refused: expect.anything() as unknown };
      const text = i % 40 === 7 ? '' : i % 3 === 0 ? `größe ${i % 7} 🙂` : `row ${i}`;
      return { number: i + 1, text, values: [BigInt(i), text, i % 11 === 0 ? null : i / 4] };
    });
    expect(outcomes).toEqual(expected);
    expect(refusals(outcomes)[0]).toBe(
      `50 INPUT_INVALID Row 50 of ${fixture(layout)} has no text: column "text" is null.`,
    );
    await source.close();
  });
});

it.each(['types-v1', 'types-plain-v2'])('every type of %s is read without loss', async (name) => {
  const source = await openRowSource({ file: fixture(name) }, { ...DEFAULTS, keep: 'all' });
  const far = 2n ** 62n + 1n;
  const expected: readonly (readonly [string, string, unknown, unknown, boolean?])[] = [
    ['text', 'string', 'first', 'third'],
    ['boolean', 'boolean', true, false],
    ['int8', 'int32', -128, 127],
    ['uint8', 'int32', 0, 255],
    ['int16', 'int32', -32768, 32767],
    ['uint16', 'int32', 0, 65535],
    ['int32', 'int32', -(2 ** 31), 2 ** 31 - 1],
    ['uint32', 'int64', 0n, 4294967295n],
    ['int64', 'int64', -(2n ** 63n), 2n ** 63n - 1n],
    ['float16', 'float32', 1.0009765625, -2],
    ['float32', 'float32', Math.fround(0.1), -Infinity],
    ['float64', 'float64', 0.1, Number.MAX_VALUE],
    ['large_string', 'string', 'a', 'ß'],
    ['binary', 'binary', Buffer.from([0, 255]), Buffer.alloc(0)],
    ['fixed', 'binary', Buffer.from('abc'), Buffer.from([255, 0, 1])],
    ['date', 'date', -1, 20000],
    ['timestamp_ms', 'timestamp-ms', -1n, far / 1_000_000n, false],
    ['timestamp_us', 'timestamp-us', -1n, far, true],
    ['timestamp_ns', 'timestamp-ns', -1n, far, true],
    ['nothing', 'int32', null, null],
  ];
  expect(source.columns).toEqual(
    expected.map(([column, type, , , utc]) => ({ name: column, type, ...(utc !== undefined && { utc }) })),
  );
  const rows = accepted(await collect({ file: fixture(name) }, { keep: 'all' })).map(({ values }) => values);
  expect(rows[0]).toEqual(expected.map(([, , first]) => first));
  expect(rows[1]).toEqual(expected.map(([column]) => (column === 'text' ? 'second' : null)));
  expect(rows[2]).toEqual(expected.map(([, , , last]) => last));
  await source.close();
});

it('timestamps of 96 bits are nanoseconds', async () => {
  const rows = accepted(await collect({ file: fixture('int96') }, { keep: ['at'] }));
  expect(rows.map(({ values }) => values)).toEqual([[1n], [1700000000123456789n]]);
});

describe('columns', () => {
  const file = fixture('unkept');

  it.each([
    ['decimal', 'decimals'],
    ['list', 'lists or other nested values'],
    ['struct', 'lists or other nested values'],
    ['time', 'times of day'],
    ['uint64', 'unsigned 64-bit integers'],
  ])('of %s are refused when they are to be kept', async (column, kind) => {
    await expect(collect({ file }, { keep: ['number', column] })).rejects.toMatchObject({
      code: 'INPUT_INVALID',
      message: `Column "${column}" of ${file} holds ${kind} and cannot be kept. Name the columns to keep with --keep.`,
    });
  });

  it('that are not asked for do not matter, nested ones before them either', async () => {
    await expect(collect({ file }, { keep: 'all' })).rejects.toThrow('Column "decimal"');
    const rows = accepted(await collect({ file }, { keep: ['number'] }));
    expect(rows).toEqual([
      { number: 1, text: 'fine', values: [1] },
      { number: 3, text: 'good', values: [3] },
    ]);
  });

  it('of another type cannot be the text', async () => {
    await expect(collect({ file }, { column: 'number' })).rejects.toMatchObject({
      code: 'INPUT_INVALID',
      message: `Column "number" of ${file} holds integers, not strings; its columns of strings are "body". Name the column of the texts with --column.`,
    });
    await expect(collect({ file: fixture('types-v1') }, { column: 'binary' })).rejects.toThrow(
      'holds bytes, not strings; its columns of strings are "text", "large_string".',
    );
  });
});

it('a text that is not UTF-8 is a refused row', async () => {
  const outcomes = await collect({ file: fixture('unkept') });
  expect(refusals(outcomes)).toEqual([
    `2 INPUT_INVALID Row 2 of ${fixture('unkept')} has a value in column "body" that is not UTF-8.`,
  ]);
});

it('a file without rows has none', async () => {
  expect(await collect({ file: fixture('no-rows') }, { keep: 'all' })).toEqual([]);
});

describe('a broken file', () => {
  const whole = readFileSync(fixture('plain-v1'));

  it.each([
    [
      'cut short',
      whole.subarray(0, whole.length - 20),
      'FORMAT_INVALID',
      'does not end with PAR1, so it was cut short',
    ],
    ['another format', Buffer.from('text\na\nb\nc\nd\ne\n'), 'FORMAT_INVALID', 'does not begin with PAR1'],
    ['the magic number only', Buffer.from('PAR1PAR1'), 'FORMAT_INVALID', 'is not a Parquet file'],
    [
      'encrypted',
      Buffer.concat([Buffer.from('PARE'), whole.subarray(4, -4), Buffer.from('PARE')]),
      'INPUT_INVALID',
      'is encrypted',
    ],
    [
      'an encrypted footer',
      Buffer.concat([whole.subarray(0, -4), Buffer.from('PARE')]),
      'INPUT_INVALID',
      'is encrypted',
    ],
    [
      'a footer of an impossible length',
      Buffer.concat([whole.subarray(0, -8), Buffer.from([255, 255, 255, 255]), Buffer.from('PAR1')]),
      'FORMAT_INVALID',
      'its footer cannot be 4294967295 bytes long',
    ],
    [
      'a footer that is none',
      Buffer.concat([Buffer.from('PAR1'), Buffer.alloc(100, 0xff), Buffer.from([100, 0, 0, 0]), Buffer.from('PAR1')]),
      'FORMAT_INVALID',
      'its footer cannot be read',
    ],
  ])('with %s is refused', async (_, bytes, code, rule) => {
    using folder = temporaryFolder();
    const file = path.join(folder.path, 'rows.parquet');
    writeFileSync(file, bytes);
    await expect(collect({ file })).rejects.toMatchObject({ code, message: expect.stringContaining(rule) as string });
    expect(openFiles(folder.path) ?? []).toEqual([]);
  });

  it('with a page of another checksum is thrown with column and row group', async () => {
    using folder = temporaryFolder();
    const file = path.join(folder.path, 'rows.parquet');
    copyFileSync(fixture('plain-v1'), file);
    const bytes = Buffer.from(whole);
    const place = bytes.indexOf('row 151');
    bytes.write('R', place);
    writeFileSync(file, bytes);
    const source = await openRowSource({ file }, DEFAULTS);
    let rows = 0;
    const reading = (async () => {
      for await (const run of source.rows()) rows += run.length;
    })();
    await expect(reading).rejects.toMatchObject({
      code: 'FORMAT_INVALID',
      message: expect.stringMatching(
        /rows\.parquet is damaged: column "text", row group 2: the page at byte \d+ has another checksum\. Fetch or write the file again\.$/,
      ) as string,
    });
    expect(rows).toBeGreaterThanOrEqual(100);
    expect(rows).toBeLessThan(151);
  });

  it('in any byte gives rows or an error of its own', async () => {
    using folder = temporaryFolder();
    const file = path.join(folder.path, 'rows.parquet');
    const files = ['plain-v2', 'dictionary-snappy-v1', 'delta-v2', 'types-v1'].map((name) =>
      readFileSync(fixture(name)),
    );
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(...files),
        fc.nat(),
        fc.integer({ min: 1, max: 255 }),
        async (bytes, at, flip) => {
          const broken = Buffer.from(bytes);
          const place = at % broken.length;
          broken.writeUInt8(broken.readUInt8(place) ^ flip, place);
          writeFileSync(file, broken);
          try {
            await collect({ file }, { keep: 'all', column: 'text' });
          } catch (error) {
            expect(isIsovecError(error) ? error.code : error).toMatch(/^(FORMAT|INPUT)_INVALID$/);
          }
          expect(openFiles(folder.path) ?? []).toEqual([]);
        },
      ),
      { numRuns: 300 },
    );
  });
});

it('gives any rows back, whatever the row groups and pages', async () => {
  using folder = temporaryFolder();
  const file = path.join(folder.path, 'rows.parquet');
  const row = fc.tuple(fc.string({ unit: 'binary' }), fc.option(fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n })));
  await fc.assert(
    fc.asyncProperty(
      fc.array(row, { maxLength: 60 }),
      fc.integer({ min: 1, max: 20 }),
      fc.integer({ min: 8, max: 200 }),
      async (rows, rowGroupSize, pageSize) => {
        const columnData = [
          { name: 'text', data: rows.map(([text]) => text), type: 'STRING' as const },
          { name: 'big', data: rows.map(([, big]) => big), type: 'INT64' as const },
        ];
        writeFileSync(file, Buffer.from(parquetWriteBuffer({ columnData, rowGroupSize, pageSize })));
        const outcomes = await collect({ file }, { keep: ['big'] });
        expect(outcomes).toEqual(rows.map(([text, big], index) => ({ number: index + 1, text, values: [big] })));
      },
    ),
  );
});

it('a column chunk is read in pages, not as a whole', async () => {
  using folder = temporaryFolder();
  const file = path.join(folder.path, 'rows.parquet');
  const text = Array.from({ length: 20_000 }, (_, index) => `text ${index}`);
  const columnData = [{ name: 'text', data: text, type: 'STRING' as const }];
  const options = { columnData, rowGroupSize: text.length, pageSize: 10_000, codec: 'UNCOMPRESSED' as const };
  writeFileSync(file, Buffer.from(parquetWriteBuffer(options)));
  const source = await openRowSource({ file }, DEFAULTS);
  const rows = source.rows();
  await rows.next();
  expect(source.bytesRead).toBeGreaterThan(0);
  expect(source.bytesRead).toBeLessThan((source.byteCount ?? 0) / 4);
  await rows.return();
});

it('a compressed Parquet file says what to do', async () => {
  using folder = temporaryFolder();
  const file = path.join(folder.path, 'rows.parquet.gz');
  writeFileSync(
    file,
    Buffer.concat([Buffer.from([0x1f, 0x8b, 8, 0]), ENCODERS.text([{ id: '', text: 'x'.repeat(50) }])]),
  );
  await expect(collect({ file })).rejects.toMatchObject({
    code: 'FORMAT_INVALID',
    message: expect.stringContaining('decompress it first') as string,
  });
});
