import { gzipSync } from 'node:zlib';
import { rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { createVectorEncoder } from '#src/files/vectors/create-vector-encoder.js';
import { openVectorFile } from '#src/files/vectors/read/open-vector-file.js';
import type { VectorRecord } from '#src/files/vectors/vector-file.js';
import type { VectorFileFormat } from '#src/files/vectors/vector-encoder.js';
import { EmbeddingBatch } from '#src/vector/index.js';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { failureOf, folderWith, metadataOf, readAll, sourceOf } from './vector-samples.js';

/** More than a block of 4 MiB in several segments, so that blocks and segments end at different rows. */
const DIMENSIONS = 48;
const SEGMENTS = [9_000, 1, 14_000];
const ROWS = SEGMENTS.reduce((sum, rows) => sum + rows, 0);

const value = (index: number): number => Math.fround(Math.sin(index));

async function writeVectors(file: string, format: VectorFileFormat, segments = SEGMENTS): Promise<void> {
  const encoder = await createVectorEncoder(format, {
    precision: 'float32',
    dimensions: DIMENSIONS,
    columns: format === 'parquet' || format === 'jsonl' ? [{ name: 'text', type: 'string' }] : [],
    vectorColumn: 'embedding',
    earlier: [],
  });
  const parts: Uint8Array[] = [encoder.begin()];
  let first = 0;
  for (const count of segments) {
    const begin = first;
    const rows = Array.from({ length: count }, (_, i) => {
      const text = `text ${begin + i}`;
      return { number: begin + i + 1, text, values: format === 'npy' || format === 'f32' ? [] : [text] };
    });
    const data = Float32Array.from({ length: count * DIMENSIONS }, (_, i) => value(begin * DIMENSIONS + i));
    const [tokens, truncated] = [new Uint32Array(count), new Uint8Array(count)];
    const vectors = new EmbeddingBatch({
      precision: 'float32',
      data,
      count,
      dimensions: DIMENSIONS,
      tokens,
      truncated,
    });
    parts.push(...encoder.segment({ rows, vectors }).bytes);
    first += count;
  }
  const texts = Array.from({ length: first }, (_, index) => `text ${index}`);
  const metadata = metadataOf({ rows: first, dimensions: DIMENSIONS, source: sourceOf(texts) });
  const { tail, head } = encoder.end(metadata);
  const bytes = Buffer.concat([...parts, tail]);
  if (head !== undefined) bytes.set(head);
  await writeFile(file, file.endsWith('.gz') ? gzipSync(bytes) : bytes);
  if (format !== 'parquet') await writeFile(`${file}.meta.json`, JSON.stringify(metadata));
  await writeFile(path.join(path.dirname(file), 'texts.txt'), texts.map((text) => `${text}\n`).join(''));
}

describe.each<[string, VectorFileFormat]>([
  ['vectors.npy', 'npy'],
  ['vectors.f32', 'f32'],
  ['vectors.f32.gz', 'f32'],
  ['vectors.parquet', 'parquet'],
  ['vectors.jsonl', 'jsonl'],
  ['vectors.jsonl.gz', 'jsonl'],
])('a file of vectors named %s', (name, format) => {
  let folder: Awaited<ReturnType<typeof folderWith>>;
  beforeAll(async () => {
    folder = await folderWith({});
    await writeVectors(folder.file(name), format);
  });
  afterAll(() => folder[Symbol.asyncDispose]());

  it('gives back what the encoder wrote: every bit, in order, in blocks of bounded size, any number of times', async () => {
    const file = await openVectorFile(folder.file(name));
    expect(file).toMatchObject({ format, dimensions: DIMENSIONS, rows: ROWS });
    expect(file.metadata).toMatchObject({
      rows: ROWS,
      space: { model: expect.stringContaining('bert-mean') as string },
    });
    for (let reading = 1; reading <= 2; reading++) {
      let next = 0;
      let wrong = 0;
      for await (const { first, count, data } of file.blocks()) {
        expect(first * DIMENSIONS).toBe(next);
        expect(data.length).toBe(count * DIMENSIONS);
        expect(data.byteLength).toBeLessThanOrEqual(4 * 1024 * 1024);
        for (const one of data) if (one !== value(next++)) wrong++;
      }
      expect([next, wrong]).toEqual([ROWS * DIMENSIONS, 0]);
    }
    await file.close();
    await file.close();
    expect(await failureOf(async () => file.blocks().next())).toContain('CLOSED');
  });

  it('knows the text of every vector, here or in the file that was embedded', async () => {
    const file = await openVectorFile(folder.file(name));
    const indices = [23_000, 0, 8_999, 9_000, 9_001];
    const records = await file.records(indices);
    expect([...records.keys()].sort((a, b) => a - b)).toEqual(indices.toSorted((a, b) => a - b));
    for (const index of indices) expect(records.get(index)?.text).toBe(`text ${index}`);
    expect((await file.records([])).size).toBe(0);
    await file.close();
  });

  it('takes texts from another file when asked to, if its rows are as many', async () => {
    await writeFile(folder.file('few.txt'), 'one\ntwo\n');
    const options = { texts: folder.file('texts.txt') };
    const file = await openVectorFile(folder.file(name), options);
    expect((await file.records([3])).get(3)?.text).toBe('text 3');
    await file.close();
    const other = await openVectorFile(folder.file(name), { texts: folder.file('few.txt') });
    expect(await failureOf(() => other.records([0]))).toMatch(
      /^INPUT_INVALID: .*few\.txt has 2 rows, .* has 23001 vectors/,
    );
    await other.close();
  });

  it('stops reading when the signal fires, and when the reader has seen enough', async () => {
    const file = await openVectorFile(folder.file(name));
    const abort = new AbortController();
    expect(
      await failureOf(async () => {
        for await (const block of file.blocks(abort.signal)) if (block.first === 0) abort.abort();
      }),
    ).toContain('ABORTED');
    for await (const block of file.blocks()) if (block.first === 0) break;
    expect(await failureOf(() => file.records([1], abort.signal))).toContain('ABORTED');
    await file.close();
    expect(await failureOf(() => openVectorFile(folder.file(name), { signal: abort.signal }))).toContain('ABORTED');
  });
});

describe.each([
  ['vectors.npy', 'npy'],
  ['vectors.f32', 'f32'],
  ['vectors.f32.gz', 'f32'],
  ['vectors.jsonl', 'jsonl'],
] as const)('metadata beside %s', (name, format) => {
  it('must fit the vectors, which must be float32', async () => {
    await using folder = await folderWith({});
    const file = folder.file(name);
    await writeVectors(file, format, [3, 2]);
    for (const [changes, message] of [
      [{}, /^no failure/],
      [{ rows: 6 }, /^FORMAT_INVALID: .* has 5 rows, its metadata says 6.*meta\.json/],
      [{ precision: 'int8' }, /^INPUT_INVALID: .*precision int8.*--precision float32/],
    ] as const) {
      const metadata = metadataOf({ rows: 5, dimensions: DIMENSIONS, ...changes });
      await writeFile(`${file}.meta.json`, JSON.stringify(metadata));
      expect(await failureOf(() => readAll(file))).toMatch(message);
    }
    await writeFile(`${file}.meta.json`, '{"format": "isovec-vectors", "version": 2}');
    expect(await failureOf(() => readAll(file))).toMatch(/^FORMAT_INVALID: .*meta\.json has version 2/);
  });
});

describe.each([
  ['vectors.npy', 'npy'],
  ['vectors.f32', 'f32'],
  ['vectors.f32.gz', 'f32'],
] as const)('the list of refused rows beside %s', (name, format) => {
  it('tells which rows of the source have no vector, so that texts are not shifted', async () => {
    await using folder = await folderWith({});
    const file = folder.file(name);
    await writeVectors(file, format, [5]);
    const source = sourceOf(['a', 'b', 'c', 'd', 'e', 'f', 'g']);
    const metadata = metadataOf({ rows: 5, refused: 2, dimensions: DIMENSIONS, source });
    await writeFile(`${file}.meta.json`, JSON.stringify(metadata));
    await writeFile(`${file}.refused.jsonl`, '{"row":1,"code":"INPUT_TOO_LONG"}\n{"row":4}\n');
    await writeFile(folder.file('texts.txt'), 'a\nb\nc\nd\ne\nf\ng\n');
    const texts = await recordsOf(file);
    expect([0, 1, 2, 3, 4].map((index) => texts.get(index)?.text)).toEqual(['b', 'c', 'e', 'f', 'g']);
    const warnings: string[] = [];
    await writeFile(folder.file('texts.txt'), 'a\nb\nc\nd\ne\nf\nG\n');
    expect((await recordsOf(file, warnings)).size).toBe(0);
    expect(warnings.join()).toMatch(/No texts are shown: .*texts\.txt has changed since/);
    await writeFile(folder.file('texts.txt'), 'a\nb\nc\nd\ne\nf\n');
    expect((await recordsOf(file, warnings)).size).toBe(0);
    expect(warnings.join()).toMatch(/No texts are shown: .*texts\.txt has 6 rows, of which 2 have no vector.*--texts/);
    await rm(`${file}.refused.jsonl`);
    expect((await recordsOf(file, warnings)).size).toBe(0);
    expect(warnings.at(-1)).toMatch(/refused\.jsonl lists 0 rows .* the metadata says 2/);
    await rm(folder.file('texts.txt'));
    expect((await recordsOf(file, warnings)).size).toBe(0);
  });
});

async function recordsOf(name: string, warnings: string[] = []): Promise<ReadonlyMap<number, VectorRecord>> {
  const warn = (message: string): void => void warnings.push(message);
  const file = await openVectorFile(name, { logger: { info: () => undefined, warn } });
  try {
    return await file.records([0, 1, 2, 3, 4]);
  } finally {
    await file.close();
  }
}
