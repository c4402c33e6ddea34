import zlib from 'node:zlib';
import { describe, expect, it } from 'vitest';

import { compressEncoder } from '#src/files/vectors/compress-encoder.js';
import { createVectorEncoder } from '#src/files/vectors/create-vector-encoder.js';
import type { VectorEncoder, VectorFileFormat } from '#src/files/vectors/vector-encoder.js';

import { encodeFile, sampleRequest } from './encode-file.js';

function openEncoder(format: VectorFileFormat): Promise<VectorEncoder> {
  return createVectorEncoder(format, {
    precision: 'float32',
    dimensions: 3,
    columns: [],
    vectorColumn: 'v',
    earlier: [],
  });
}

const gzip = (encoder: VectorEncoder): VectorEncoder => compressEncoder(encoder, 'gzip');
const zstd = (encoder: VectorEncoder): VectorEncoder => compressEncoder(encoder, 'zstd');
const unzstd: unknown = Reflect.get(zlib, 'zstdDecompressSync');

describe.each(['jsonl', 'f32'] as const)('a gzip file of %s', (format) => {
  it.each([[[3, 4]], [[0, 2, 0]], [[]]])('of segments %j holds what the plain file holds', async (sizes) => {
    const request = sampleRequest(format, sizes);
    const packed = await encodeFile({ ...request, wrap: gzip });
    expect(zlib.gunzipSync(packed).equals(await encodeFile(request))).toBe(true);
  });

  it('names neither a time nor a system', async () => {
    const packed = await encodeFile({ ...sampleRequest(format, [3]), wrap: gzip });
    expect(packed.subarray(0, 10).toString('hex')).toBe('1f8b08000000000000ff');
  });

  it('passes the notes through', async () => {
    const [segment] = sampleRequest(format, [3], { dimensions: 3, columns: [] }).segments;
    if (segment === undefined) throw new Error('no segment');
    const plain = await openEncoder(format);
    expect(gzip(await openEncoder(format)).segment(segment).note).toEqual(plain.segment(segment).note);
  });
});

it.each(['npy', 'parquet'] as const)('a .%s file is never compressed as a whole', async (format) => {
  const encoder = await openEncoder(format);
  expect(() => gzip(encoder)).toThrow(
    expect.objectContaining({ code: 'CONFIG_INVALID', message: expect.stringContaining(`.${format}`) as string }),
  );
});

it('a segment is a zstd frame with a checksum, or zstd is refused by a Node without it', async () => {
  const plain = await openEncoder('jsonl');
  if (typeof unzstd === 'function') {
    const encoder = zstd(await openEncoder('jsonl'));
    const parts = sampleRequest('jsonl', [3, 4], { dimensions: 3, columns: [] }).segments.map((segment) => ({
      frame: Buffer.concat(encoder.segment(segment).bytes),
      bytes: Buffer.concat(plain.segment(segment).bytes),
    }));
    for (const { frame, bytes } of parts) {
      expect(Reflect.apply(unzstd, undefined, [frame])).toEqual(bytes);
      const damaged = Uint8Array.from(frame);
      damaged[damaged.length - 1] = (damaged.at(-1) ?? 0) ^ 1;
      expect(() => Reflect.apply(unzstd, undefined, [damaged]) as unknown).toThrow(/checksum/i);
    }
  } else {
    expect(() => zstd(plain)).toThrow(
      expect.objectContaining({
        code: 'CONFIG_INVALID',
        message: expect.stringMatching(/22\.15.*\.gz/) as string,
      }),
    );
  }
});
