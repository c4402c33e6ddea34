import { readFile } from 'node:fs/promises';
import path from 'node:path';
import fc from 'fast-check';
import { type FileMetaData, parquetMetadata, parquetReadObjects } from 'hyparquet';
import { describe, expect, it } from 'vitest';

import type { Column, ColumnType, ColumnValue } from '#src/files/column.js';
import { createVectorEncoder } from '#src/files/vectors/create-vector-encoder.js';
import type { VectorEncoderOptions, VectorSegment } from '#src/files/vectors/vector-encoder.js';

import { encodeFile, sampleRequest } from './encode-file.js';
import { EVERY_COLUMN, sampleMetadata, sampleVectors } from './every-column-type.js';

const FIXTURES = path.resolve(import.meta.dirname, '../../fixtures/vectors');

/** As they are stored, without the detour over Date that loses digits. */
const EXACT = {
  timestampFromMilliseconds: (value: bigint) => value,
  timestampFromMicroseconds: (value: bigint) => value,
  timestampFromNanoseconds: (value: bigint) => value,
  dateFromDays: (value: number) => value,
};

function arrayBuffer(file: Buffer): ArrayBuffer {
  return Uint8Array.from(file).buffer;
}

async function readRows(file: Buffer): Promise<Record<string, unknown>[]> {
  // Bytes without a type stay bytes.
  return parquetReadObjects({ file: arrayBuffer(file), parsers: EXACT, utf8: false });
}

function metadataOf(file: Buffer): FileMetaData {
  return parquetMetadata(arrayBuffer(file));
}

function asRead(values: readonly ColumnValue[], vector: ArrayLike<number>, columns: readonly Column[]): object {
  const members = columns.map(({ name }, index) => [name, values[index] ?? null] as const);
  return { ...Object.fromEntries(members), embedding: Array.from(vector) };
}

function expectedRows(segments: readonly VectorSegment[], columns: readonly Column[]): object[] {
  return segments.flatMap(({ rows, vectors }) =>
    rows.map(({ values }, index) => asRead(values, vectors.row(index), columns)),
  );
}

const VALUES: Readonly<Record<ColumnType, fc.Arbitrary<ColumnValue>>> = {
  boolean: fc.boolean(),
  int32: fc.integer(),
  int64: fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
  float32: fc.float(),
  float64: fc.double(),
  string: fc.oneof(fc.string({ unit: 'binary' }), fc.constantFrom('a', 'b')),
  binary: fc.uint8Array(),
  date: fc.integer(),
  'timestamp-ms': fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
  'timestamp-us': fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
  'timestamp-ns': fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
  json: fc.jsonValue({ noUnicodeString: false }).map((value) => (value === null ? {} : value)),
};

describe('a Parquet file of vectors', () => {
  it.each([
    ['every-type', sampleRequest('parquet', [20, 7, 40])],
    ['ubinary', sampleRequest('parquet', [9, 9], { precision: 'ubinary', dimensions: 20 })],
  ])('is byte for byte the file that pyarrow and DuckDB read: %s', async (name, request) => {
    const fixture = await readFile(path.join(FIXTURES, `${name}.parquet`));
    expect((await encodeFile(request)).equals(fixture)).toBe(true);
  });

  it('gives back every type of column and every vector', async () => {
    const request = sampleRequest('parquet', [20, 7, 40]);
    expect(await readRows(await encodeFile(request))).toEqual(expectedRows(request.segments, EVERY_COLUMN));
  });

  it('gives back several pages', async () => {
    const request = sampleRequest('parquet', [1500], { dimensions: 384, columns: [] });
    const file = await encodeFile(request);
    expect(await readRows(file)).toEqual(expectedRows(request.segments, []));
  });

  it.each(Object.entries(VALUES))('gives back any values of %s', async (type, value) => {
    const columns: Column[] = [{ name: 'column', type: type as ColumnType }];
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.array(fc.option(value, { freq: 3 }), { maxLength: 40 }), { maxLength: 3 }),
        async (parts) => {
          const segments = parts.map((values) => ({
            rows: values.map((item, index) => ({ number: index + 1, text: '', values: [item] })),
            vectors: sampleVectors('float32', 2, 0, values.length),
          }));
          const rows = parts.flat().length;
          const metadata = sampleMetadata('float32', 2, rows);
          const request = {
            format: 'parquet',
            precision: 'float32',
            dimensions: 2,
            columns,
            segments,
            metadata,
          } as const;
          expect(await readRows(await encodeFile(request))).toEqual(expectedRows(segments, columns));
        },
      ),
      { numRuns: 40 },
    );
  });

  it('without rows has its schema and no row group', async () => {
    const file = await encodeFile(sampleRequest('parquet', []));
    const metadata = metadataOf(file);
    expect(metadata.num_rows).toBe(0n);
    expect(metadata.row_groups).toEqual([]);
    expect(metadata.schema.map(({ name }) => name)).toEqual([
      'schema',
      ...EVERY_COLUMN.map(({ name }) => name),
      'embedding',
      'list',
      'element',
    ]);
    expect(await readRows(file)).toEqual([]);
  });

  it('leaves vectors uncompressed, without statistics, in plain pages', async () => {
    const file = await encodeFile(sampleRequest('parquet', [20]));
    const column = metadataOf(file).row_groups[0]?.columns.at(-1)?.meta_data;
    expect(column).toMatchObject({
      codec: 'UNCOMPRESSED',
      path_in_schema: ['embedding', 'list', 'element'],
      encodings: ['RLE', 'PLAIN'],
      num_values: 100n,
    });
    expect(column?.statistics).toBeUndefined();
    expect(column?.dictionary_page_offset).toBeUndefined();
  });

  it('bounds long texts in a few bytes', async () => {
    const columns: Column[] = [{ name: 'text', type: 'string' }];
    const texts = ['b'.repeat(5000), 'ä'.repeat(5000)];
    const rows = texts.map((text, index) => ({ number: index + 1, text, values: [text] }));
    const segments = [{ rows, vectors: sampleVectors('float32', 2, 0, 2) }];
    const metadata = sampleMetadata('float32', 2, 2);
    const file = await encodeFile({
      format: 'parquet',
      precision: 'float32',
      dimensions: 2,
      columns,
      segments,
      metadata,
    });
    expect(metadataOf(file).row_groups[0]?.columns[0]?.meta_data?.statistics).toMatchObject({
      min_value: 'b'.repeat(16),
      max_value: `${'ä'.repeat(7)}å`,
      null_count: 0n,
      is_min_value_exact: false,
      is_max_value_exact: false,
    });
  });

  it('tells who wrote it, its metadata and the Arrow schema', async () => {
    const request = sampleRequest('parquet', [2]);
    const { created_by: createdBy, key_value_metadata: pairs = [] } = metadataOf(await encodeFile(request));
    expect(createdBy).toBe('isovec');
    expect(pairs.map(({ key }) => key)).toEqual(['isovec', 'ARROW:schema']);
    expect(JSON.parse(pairs[0]?.value ?? '')).toEqual(request.metadata);
    expect(
      Buffer.from(pairs[1]?.value ?? '', 'base64')
        .subarray(0, 4)
        .toString('hex'),
    ).toBe('ffffffff');
  });
});

describe('a Parquet encoder', () => {
  const options: VectorEncoderOptions = {
    precision: 'float32',
    dimensions: 2,
    columns: [],
    vectorColumn: 'embedding',
    earlier: [],
  };

  const refused: readonly (readonly [ColumnType, ColumnValue])[] = [
    ['boolean', 1],
    ['int32', 2 ** 31],
    ['int32', 0.5],
    ['int32', 1n],
    ['int64', 1],
    ['int64', 2n ** 63n],
    ['float32', 0.1],
    ['float64', '1'],
    ['string', 5],
    ['string', 'a\ud800'],
    ['binary', [1, 2]],
    ['date', -(2 ** 31) - 1],
    ['timestamp-us', new Date(0)],
    ['timestamp-ns', -(2n ** 63n) - 1n],
  ];

  it.each(refused)('refuses %s %s, naming row and column', async (type, value) => {
    const encoder = await createVectorEncoder('parquet', { ...options, columns: [{ name: 'c', type }] });
    const rows = [{ number: 12, text: '', values: [value] }];
    expect(() => encoder.segment({ rows, vectors: sampleVectors('float32', 2, 0, 1) })).toThrow(
      expect.objectContaining({
        code: 'INPUT_INVALID',
        message: expect.stringMatching(/^Row 12, column "c": .*--keep/) as string,
      }),
    );
  });

  it.each([
    ['a kept column of the name of the vectors', [{ name: 'embedding', type: 'int32' }]],
    [
      'two columns of one name',
      [
        { name: 'a', type: 'int32' },
        { name: 'a', type: 'string' },
      ],
    ],
    ['a column without a name', [{ name: '', type: 'int32' }]],
    ['a name that is not Unicode', [{ name: 'a\udfff', type: 'int32' }]],
  ] satisfies [string, Column[]][])('refuses %s', async (_, columns) => {
    await expect(createVectorEncoder('parquet', { ...options, columns })).rejects.toMatchObject({
      code: 'CONFIG_INVALID',
      message: expect.stringContaining('--keep') as string,
    });
  });

  it.each([
    ['chunks of another number of columns', { rows: 1, bytes: 9, chunks: [] }],
    ['no length', { rows: 0, chunks: [] }],
    ['a chunk that is no object', { rows: 1, bytes: 9, chunks: [7] }],
    ['an unknown encoding', { rows: 1, bytes: 9, chunks: [{ encodings: ['SECRET'] }] }],
    ['a chunk without a place', { rows: 1, bytes: 9, chunks: [{ encodings: ['PLAIN'] }] }],
  ])('refuses a note with %s', async (_, note) => {
    await expect(createVectorEncoder('parquet', { ...options, earlier: [note] })).rejects.toMatchObject({
      code: 'FORMAT_INVALID',
    });
  });
});
