import { gzipSync } from 'node:zlib';
import { encodeNpy, npyHeader } from '#src/formats/npy/encode-npy.js';
import { parseVectorMetadata } from '#src/files/vectors/parse-vector-metadata.js';
import { openVectorFile } from '#src/files/vectors/read/open-vector-file.js';
import { describe, expect, it } from 'vitest';

import { bytesOf, failureOf, folderWith, metadataOf, readAll, sampleValues } from './vector-samples.js';

const whole = encodeNpy(sampleValues(3), [3, 4]);
const withNaN = sampleValues(3);
withNaN[9] = Number.NaN;
const line = (vector: unknown): string => `${JSON.stringify({ text: 'a', vector })}\n`;

describe('a file of vectors', () => {
  it.each<[rule: string, name: string, contents: string | Uint8Array, message: RegExp]>([
    ['npy without its magic bytes', 'a.npy', 'no', /^FORMAT_INVALID: .*a\.npy does not begin with the magic/],
    ['empty npy', 'a.npy', '', /^INPUT_INVALID: .*a\.npy is empty/],
    ['npy that is cut short', 'a.npy', whole.subarray(0, -1), /^FORMAT_INVALID: .*47 bytes .* 48 \(3 rows of 4/],
    ['npy with bytes too many', 'a.npy', Buffer.concat([whole, whole]), /^FORMAT_INVALID: .*its header says 48/],
    [
      'npy of float64',
      'a.npy',
      encodeNpy(new Float64Array(4), [1, 4]),
      /^INPUT_INVALID: .*float64.*astype\('float32'\)/,
    ],
    ['npy of int8', 'a.npy', encodeNpy(new Int8Array(4), [1, 4]), /^INPUT_INVALID: .*int8.*--precision float32/],
    [
      'npy of one vector without rows',
      'a.npy',
      encodeNpy(sampleValues(1), [4]),
      /^INPUT_INVALID: .*shape \[4\].*Reshape/,
    ],
    ['npy without dimensions', 'a.npy', npyHeader('float32', [5, 0]), /^FORMAT_INVALID: .*0 dimensions/],
    ['npy of a shape beyond any file', 'a.npy', npyHeader('float32', [2 ** 50, 4]), /^FORMAT_INVALID: .*holds 0 bytes/],
    ['npy with NaN', 'a.npy', encodeNpy(withNaN, [3, 4]), /^FORMAT_INVALID: Row 3 of .*a\.npy holds NaN/],
    [
      'f32 of unknown dimensions',
      'a.f32',
      bytesOf(sampleValues(3)),
      /^INPUT_INVALID: .*a\.f32\.meta\.json.*--dimensions/,
    ],
    ['unknown format', 'a.bin', 'x', /^CONFIG_INVALID: .*\.npy/],
    ['compressed npy', 'a.npy.gz', 'x', /^CONFIG_INVALID: .*compressed/],
    ['empty jsonl', 'a.jsonl', '', /^INPUT_INVALID: .*a\.jsonl is empty/],
    ['jsonl with an empty line', 'a.jsonl', `${line([1])}\n${line([1])}`, /^FORMAT_INVALID: Row 2 of .*is empty/],
    ['jsonl with a line that is not JSON', 'a.jsonl', `${line([1])}{"vector": [1]`, /^FORMAT_INVALID: Row 2 .*JSON/],
    ['jsonl with an array', 'a.jsonl', '[1, 2]\n', /^FORMAT_INVALID: Row 1 of .*not a JSON object/],
    ['jsonl that is not UTF-8', 'a.jsonl', Buffer.from('{"a":"\xff"}', 'latin1'), /^FORMAT_INVALID: Row 1 of .*UTF-8/],
    [
      'jsonl without vectors',
      'a.jsonl',
      '{"text": "a"}\n',
      /^FORMAT_INVALID: Row 1 .*no member "vector".*--vector-column/,
    ],
    ['jsonl with a vector of text', 'a.jsonl', line('[1]'), /^FORMAT_INVALID: Row 1 .*no array in its member "vector"/],
    ['jsonl with an empty vector', 'a.jsonl', line([]), /^FORMAT_INVALID: .*0 dimensions/],
    [
      'jsonl with rows of different lengths',
      'a.jsonl',
      line([1, 2]) + line([1]),
      /^FORMAT_INVALID: Row 2 .*1 dimensions, the first row one of 2/,
    ],
    ['jsonl with null in a vector', 'a.jsonl', line([1, null]), /^FORMAT_INVALID: Row 1 .*place 2/],
    ['jsonl with a number beyond float32', 'a.jsonl', line([1, 1e39]), /^FORMAT_INVALID: Row 1 of .*Infinity/],
    ['jsonl whose compression breaks off', 'a.jsonl', Uint8Array.of(0x1f, 0x8b, 8, 0), /^FORMAT_INVALID: .*a\.jsonl/],
    ['short parquet', 'a.parquet', 'PAR1', /^FORMAT_INVALID: .*a\.parquet/],
    ['parquet that is none', 'a.parquet', 'nothing of the kind', /^FORMAT_INVALID: .*PAR1/],
  ])('is refused, naming file and rule: %s', async (_rule, name, contents, message) => {
    await using folder = await folderWith({ [name]: contents });
    expect(await failureOf(() => readAll(folder.file(name)))).toMatch(message);
  });

  it('of f32 takes its dimensions from an option, and must be whole rows', async () => {
    await using folder = await folderWith({ 'a.f32': bytesOf(sampleValues(3)) });
    expect(await readAll(folder.file('a.f32'), { dimensions: 6 })).toEqual([...sampleValues(3)]);
    expect(await failureOf(() => readAll(folder.file('a.f32'), { dimensions: 5 }))).toMatch(
      /^FORMAT_INVALID: .*48 bytes.*row 3 is cut short/,
    );
  });

  it('that is not there, or is a folder, is told so', async () => {
    await using folder = await folderWith({});
    for (const name of ['none.npy', 'none.f32', 'none.jsonl', 'none.parquet']) {
      const failure = await failureOf(() => readAll(folder.file(name), { dimensions: 4 }));
      expect(failure).toMatch(/^INPUT_INVALID: .*none\.\w+ does not exist/);
    }
  });

  it('without rows has no blocks', async () => {
    await using folder = await folderWith({
      'a.npy': npyHeader('float32', [0, 4]),
      'a.jsonl.gz': gzipSync(''),
      'a.jsonl.gz.meta.json': JSON.stringify(metadataOf({ rows: 0 })),
    });
    for (const name of ['a.npy', 'a.jsonl.gz']) {
      const file = await openVectorFile(folder.file(name));
      expect([file.rows, file.dimensions, await readAll(folder.file(name))]).toEqual([0, 4, []]);
      await file.close();
    }
  });
});

describe('records of JSON Lines', () => {
  it('are the objects without their vectors; the text is the usual member, the only string, or the one asked for', async () => {
    const rows = [
      { id: 7, text: 'a', title: 't', embedding: [1, 2] },
      { title: 'only', deep: { x: [1] }, embedding: [3, 4] },
      { a: 'two', b: 'strings', embedding: [5, 6] },
    ];
    await using folder = await folderWith({ 'a.jsonl': rows.map((row) => JSON.stringify(row)).join('\n') });
    const file = await openVectorFile(folder.file('a.jsonl'));
    expect([...(await file.records([2, 0, 1]))].sort(([a], [b]) => a - b)).toEqual([
      [0, { text: 'a', values: { id: 7, title: 't' } }],
      [1, { text: 'only', values: { deep: { x: [1] } } }],
      [2, { values: { a: 'two', b: 'strings' } }],
    ]);
    const asked = await openVectorFile(folder.file('a.jsonl'), { textColumn: 'title' });
    expect((await asked.records([1])).get(1)?.text).toBe('only');
    expect(await failureOf(() => asked.records([2]))).toMatch(/no column "title" of strings.*"a", "b"/);
  });
});

describe('metadata of vectors', () => {
  const parse = (value: unknown): Promise<string> =>
    failureOf(() => Promise.resolve(parseVectorMetadata(Buffer.from(JSON.stringify(value)), 'a.meta.json')));

  it('comes back as it was written', () => {
    const metadata = metadataOf();
    expect(parseVectorMetadata(Buffer.from(JSON.stringify(metadata)), 'a')).toEqual(metadata);
  });

  it('lacks no member, and holds none of another kind', async () => {
    const metadata = metadataOf();
    for (const key of Object.keys(metadata)) {
      expect(await parse({ ...metadata, [key]: undefined }), key).toMatch(/^FORMAT_INVALID: a\.meta\.json/);
      expect(await parse({ ...metadata, [key]: [] }), key).toMatch(/^FORMAT_INVALID: a\.meta\.json/);
    }
    for (const key of Object.keys(metadata.source)) {
      expect(await parse({ ...metadata, source: { ...metadata.source, [key]: -5 } }), key).toMatch(`source.${key}`);
    }
    const wrongSpace = { ...metadata, space: { ...metadata.space, dimensions: 5 } };
    expect(await parse(wrongSpace)).toMatch(/fingerprint does not belong/);
  });
});
