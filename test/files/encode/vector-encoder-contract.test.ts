import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { compressEncoder } from '#src/files/vectors/compress-encoder.js';
import { createVectorEncoder } from '#src/files/vectors/create-vector-encoder.js';
import type { VectorEncoderOptions, VectorFileFormat } from '#src/files/vectors/vector-encoder.js';
import type { Precision } from '#src/vector/index.js';

import { encodeFile, sampleRequest } from './encode-file.js';
import { sampleMetadata, sampleRows, sampleVectors } from './every-column-type.js';

const FORMATS: readonly VectorFileFormat[] = ['jsonl', 'npy', 'parquet', 'f32'];
const PRECISIONS: readonly Precision[] = ['float32', 'int8', 'uint8', 'binary', 'ubinary'];

const OPTIONS: VectorEncoderOptions = {
  precision: 'float32',
  dimensions: 3,
  columns: [],
  vectorColumn: 'embedding',
  earlier: [],
};

describe.each(FORMATS)('a %s encoder', (format) => {
  const precisions = format === 'f32' ? PRECISIONS.slice(0, 1) : PRECISIONS;

  it('gives the same file as a new encoder for every segment that got the notes', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.integer({ min: 0, max: 20 }), { maxLength: 6 }),
        fc.constantFrom(...precisions),
        fc.integer({ min: 1, max: 40 }),
        async (sizes, precision, dimensions) => {
          const request = sampleRequest(format, sizes, { precision, dimensions });
          expect((await encodeFile(request, 'many')).equals(await encodeFile(request, 'one'))).toBe(true);
        },
      ),
      { numRuns: 30 },
    );
  });

  it('names its format', async () => {
    expect((await createVectorEncoder(format, OPTIONS)).format).toBe(format);
  });

  it('refuses rows and vectors that do not belong together', async () => {
    const encoder = await createVectorEncoder(format, OPTIONS);
    const segment = { rows: sampleRows(0, 2), vectors: sampleVectors('float32', 3, 0, 3) };
    expect(() => encoder.segment(segment)).toThrow('2 rows, but 3 vectors');
  });

  it('refuses vectors of other dimensions', async () => {
    const encoder = await createVectorEncoder(format, OPTIONS);
    const segment = { rows: sampleRows(0, 2), vectors: sampleVectors('float32', 4, 0, 2) };
    expect(() => encoder.segment(segment)).toThrow('of 3 dimensions cannot take float32 vectors of 4');
  });

  it.each([Number.NaN, Infinity, -Infinity])('refuses a vector with %d, naming its row', async (value) => {
    const encoder = await createVectorEncoder(format, OPTIONS);
    const vectors = sampleVectors('float32', 3, 0, 4);
    vectors.data[7] = value;
    expect(() => encoder.segment({ rows: sampleRows(10, 4), vectors })).toThrow(
      expect.objectContaining({ code: 'INPUT_INVALID', message: expect.stringContaining('row 13 ') as string }),
    );
  });

  it('refuses metadata of another number of rows', async () => {
    const encoder = await createVectorEncoder(format, { ...OPTIONS, earlier: [] });
    encoder.segment({ rows: sampleRows(0, 2), vectors: sampleVectors('float32', 3, 0, 2) });
    expect(() => encoder.end(sampleMetadata('float32', 3, 3))).toThrow('speaks of 3 rows; 2 were encoded');
  });

  it.each([{}, { rows: -1 }, { rows: '2' }, { rows: 1.5 }])(
    'refuses the note %j, which no encoder wrote',
    async (note) => {
      await expect(
        createVectorEncoder(format, { ...OPTIONS, earlier: [{ rows: 0, bytes: 0, chunks: [] }, note] }),
      ).rejects.toMatchObject({
        code: 'FORMAT_INVALID',
        message: expect.stringContaining('segment 2 ') as string,
      });
    },
  );
});

describe.each(['jsonl', 'f32'] as const)('a compressed %s encoder', (format) => {
  it('gives the same file as a new encoder for every segment', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.integer({ min: 0, max: 9 }), { maxLength: 4 }), async (sizes) => {
        const request = { ...sampleRequest(format, sizes, { columns: [] }), wrap: gzipped };
        expect((await encodeFile(request, 'many')).equals(await encodeFile(request, 'one'))).toBe(true);
      }),
      { numRuns: 30 },
    );
  });
});

function gzipped(encoder: Parameters<typeof compressEncoder>[0]): ReturnType<typeof compressEncoder> {
  return compressEncoder(encoder, 'gzip');
}
