import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import type { Column, ColumnValue } from '#src/files/column.js';
import type { SourceRow } from '#src/files/rows/row-source.js';
import { createVectorEncoder } from '#src/files/vectors/create-vector-encoder.js';
import type { VectorEncoder } from '#src/files/vectors/vector-encoder.js';
import { EmbeddingBatch } from '#src/vector/index.js';

import { sampleVectors } from './every-column-type.js';

function openEncoder(columns: readonly Column[], vectorColumn = 'embedding'): Promise<VectorEncoder> {
  return createVectorEncoder('jsonl', { precision: 'float32', dimensions: 2, columns, vectorColumn, earlier: [] });
}

function oneVector(): EmbeddingBatch {
  const data = Float32Array.of(0.5, -0.1);
  return new EmbeddingBatch({
    precision: 'float32',
    data,
    count: 1,
    dimensions: 2,
    tokens: Uint32Array.of(3),
    truncated: Uint8Array.of(0),
  });
}

function line(encoder: VectorEncoder, row: Partial<SourceRow>): string {
  const { bytes } = encoder.segment({ rows: [{ number: 12, text: '', values: [], ...row }], vectors: oneVector() });
  return Buffer.concat(bytes).toString();
}

describe('a row of JSON Lines that was kept whole', () => {
  it.each([
    ['{"a":1}', '{"a":1,"embedding":[0.5,-0.1]}\n'],
    ['{}', '{"embedding":[0.5,-0.1]}\n'],
    [' { } \r', ' {"embedding":[0.5,-0.1]}\n'],
    ['{"a" : 1.000, "b":12345678901234567890 }  ', '{"a" : 1.000, "b":12345678901234567890,"embedding":[0.5,-0.1]}\n'],
    ['{"a":"}{","b":{}}', '{"a":"}{","b":{},"embedding":[0.5,-0.1]}\n'],
    ['{"a":"\\u00e4\\ud800 embedding"}', '{"a":"\\u00e4\\ud800 embedding","embedding":[0.5,-0.1]}\n'],
    ['{"a":{"embedding":1}}', '{"a":{"embedding":1},"embedding":[0.5,-0.1]}\n'],
  ])('keeps %s as it was written', async (json, expected) => {
    expect(line(await openEncoder([]), { json })).toBe(expected);
  });

  it.each(['{"embedding":1}', '{"a":1,"embeddin\\u0067":null}', '{"\\u0065mbedding" :[]}'])(
    'is refused when it has the member already: %s',
    async (json) => {
      const encoder = await openEncoder([]);
      expect(() => line(encoder, { json })).toThrow(
        expect.objectContaining({
          code: 'INPUT_INVALID',
          message: expect.stringMatching(/^Row 12 .*--vector-column/) as string,
        }),
      );
    },
  );

  it('has the vector under a name that JSON must escape', async () => {
    const text = line(await openEncoder([], 'a "b"\n'), { json: '{"x":1}' });
    expect(JSON.parse(text)).toEqual({ x: 1, 'a "b"\n': [0.5, -0.1] });
  });
});

describe('a row of columns', () => {
  const cases: readonly {
    readonly type: Column['type'];
    readonly value: ColumnValue;
    readonly expected: string;
    readonly utc?: boolean;
  }[] = [
    { type: 'boolean', value: true, expected: 'true' },
    { type: 'int32', value: -5, expected: '-5' },
    { type: 'int64', value: 9007199254740993n, expected: '9007199254740993' },
    { type: 'float32', value: Math.fround(0.1), expected: '0.10000000149011612' },
    { type: 'float64', value: -0, expected: '-0' },
    { type: 'string', value: 'ä"\n\ud800', expected: '"ä\\"\\n\\ud800"' },
    { type: 'string', value: null, expected: 'null' },
    { type: 'string', value: undefined, expected: 'null' },
    { type: 'binary', value: Uint8Array.of(0, 255), expected: '"AP8="' },
    { type: 'date', value: 0, expected: '"1970-01-01"' },
    { type: 'date', value: -1, expected: '"1969-12-31"' },
    { type: 'date', value: 2932897, expected: '"+010000-01-01"' },
    { type: 'timestamp-ms', value: -1n, expected: '"1969-12-31T23:59:59.999"' },
    { type: 'timestamp-ms', value: 0n, expected: '"1970-01-01T00:00:00.000Z"', utc: true },
    { type: 'timestamp-us', value: -1n, expected: '"1969-12-31T23:59:59.999999Z"', utc: true },
    { type: 'timestamp-us', value: 1_000_001n, expected: '"1970-01-01T00:00:01.000001"' },
    { type: 'timestamp-ns', value: -1_000_000_001n, expected: '"1969-12-31T23:59:58.999999999"' },
    { type: 'timestamp-ns', value: 2n ** 63n - 1n, expected: '"2262-04-11T23:47:16.854775807Z"', utc: true },
    { type: 'json', value: { a: [1, null] }, expected: '{"a":[1,null]}' },
  ];

  it.each(cases)('writes $type as $expected', async ({ type, value, expected, utc = false }) => {
    const encoder = await openEncoder([{ name: 'c', type, utc }]);
    expect(line(encoder, { values: [value] })).toBe(`{"c":${expected},"embedding":[0.5,-0.1]}\n`);
  });

  const refused: readonly (readonly [Column['type'], ColumnValue])[] = [
    ['boolean', 'true'],
    ['int32', 5n],
    ['int64', 5],
    ['float64', Number.NaN],
    ['float64', Infinity],
    ['string', 7],
    ['binary', 'AP8='],
    ['date', 0.5],
    ['date', 100_000_001],
    ['timestamp-ms', 0],
    ['timestamp-ms', 8_640_000_000_000_001n],
  ];

  it.each(refused)('is refused with %s %s, naming row and column', async (type, value) => {
    const encoder = await openEncoder([{ name: 'c', type }]);
    expect(() => line(encoder, { values: [value] })).toThrow(
      expect.objectContaining({
        code: 'INPUT_INVALID',
        message: expect.stringMatching(/^Row 12, column "c": .*--keep/) as string,
      }),
    );
  });

  it('keeps the order of the columns and puts the vector last', async () => {
    const columns: Column[] = [
      { name: 'b', type: 'string' },
      { name: '1', type: 'int32' },
    ];
    expect(line(await openEncoder(columns, 'v'), { values: ['x', 2] })).toBe('{"b":"x","1":2,"v":[0.5,-0.1]}\n');
  });
});

describe('names of columns', () => {
  it('may not be those of the vectors', async () => {
    await expect(openEncoder([{ name: 'embedding', type: 'string' }])).rejects.toMatchObject({
      code: 'CONFIG_INVALID',
      message: expect.stringContaining('--vector-column') as string,
    });
  });

  it('may not be the same', async () => {
    const column: Column = { name: 'a', type: 'string' };
    await expect(openEncoder([column, column])).rejects.toMatchObject({ code: 'CONFIG_INVALID' });
  });

  it('may not be empty for the vectors', async () => {
    await expect(openEncoder([], '')).rejects.toMatchObject({ code: 'CONFIG_INVALID' });
  });
});

it('reads back any rows of any size, across the borders of its chunks', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(
        fc.oneof(
          fc.string({ unit: 'binary' }),
          fc.nat(700_000).map((size) => 'é'.repeat(size)),
        ),
        { maxLength: 5 },
      ),
      fc.integer({ min: 1, max: 3000 }),
      async (texts, dimensions) => {
        const columns: Column[] = [{ name: 'text', type: 'string' }];
        const encoder = await createVectorEncoder('jsonl', {
          precision: 'float32',
          dimensions,
          columns,
          vectorColumn: 'v',
          earlier: [],
        });
        const rows = texts.map((text, index) => ({ number: index + 1, text, values: [text] }));
        const vectors = sampleVectors('float32', dimensions, 0, rows.length);
        const lines = Buffer.concat(encoder.segment({ rows, vectors }).bytes).toString().split('\n');
        expect(lines.pop()).toBe('');
        expect(lines).toHaveLength(rows.length);
        for (const [index, text] of lines.entries()) {
          const parsed = JSON.parse(text) as { text: string; v: number[] };
          expect(parsed.text).toBe(texts[index]);
          expect(
            Buffer.from(Float32Array.from(parsed.v).buffer).equals(Buffer.from(vectors.row(index).slice().buffer)),
          ).toBe(true);
        }
      },
    ),
    { numRuns: 25 },
  );
});

it.each(['int8', 'ubinary'] as const)('writes %s vectors as whole numbers', async (precision) => {
  const encoder = await createVectorEncoder('jsonl', {
    precision,
    dimensions: 16,
    columns: [],
    vectorColumn: 'v',
    earlier: [],
  });
  const vectors = sampleVectors(precision, 16, 0, 2);
  const rows = [1, 2].map((number) => ({ number, text: '', values: [] }));
  const lines = Buffer.concat(encoder.segment({ rows, vectors }).bytes).toString().trimEnd().split('\n');
  expect(lines.map((text) => JSON.parse(text) as unknown)).toEqual(vectors.toArrays().map((v) => ({ v })));
});
