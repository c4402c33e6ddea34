import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { encodeNpy } from '#src/formats/npy/encode-npy.js';
import { IsovecError } from '#src/shared/isovec-error.js';
import { readExportedVectors } from '#src/validate/exported/read-exported-vectors.js';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { temporaryFolder } from './tiny-models.js';

const root = temporaryFolder();
let files = 0;

/** Writes files of one new stem; gives the path of the first. */
function write(contents: Readonly<Record<string, string | Uint8Array>>): string {
  const stem = path.join(root, `export-${files++}`);
  const paths = Object.entries(contents).map(([ending, content]) => {
    writeFileSync(stem + ending, content);
    return stem + ending;
  });
  return paths[0] ?? '';
}

async function failure(file: string): Promise<IsovecError> {
  const error: unknown = await readExportedVectors(file).catch((caught: unknown) => caught);
  if (error instanceof IsovecError) return error;
  throw new Error('The file was read.', { cause: error });
}

function npy(rows: readonly (readonly number[])[]): Uint8Array {
  return encodeNpy(Float32Array.from(rows.flat()), [rows.length, rows[0]?.length ?? 0]);
}

const good = {
  texts: ['a', 'b\nc'],
  vectors: [
    [1, 0.5],
    [0, -2e-3],
  ],
  input_ids: [
    [101, 102],
    [101, 7, 102],
  ],
};

describe('an export', () => {
  it('is a JSON document', async () => {
    const file = write({
      '.json': JSON.stringify({ model: 'org/name', normalize: true, prompt: 'q: ', versions: { torch: '2' }, ...good }),
    });
    expect(await readExportedVectors(file)).toEqual({
      model: 'org/name',
      normalize: true,
      prompt: 'q: ',
      versions: { torch: '2' },
      rows: [
        { text: 'a', vector: [1, 0.5], inputIds: [101, 102] },
        { text: 'b\nc', vector: [0, -2e-3], inputIds: [101, 7, 102] },
      ],
    });
  });

  it('is JSON lines, with ids in some of them and a byte order mark or Windows line ends', async () => {
    const lines = ['{"text": "a", "vector": [1, 2]}', '', '{"text": "", "vector": [3, 4], "input_ids": [5]}'];
    const file = write({ '.jsonl': `\ufeff${lines.join('\r\n')}` });
    expect((await readExportedVectors(file)).rows).toEqual([
      { text: 'a', vector: [1, 2], inputIds: undefined },
      { text: '', vector: [3, 4], inputIds: [5] },
    ]);
  });

  it.each([
    ['.npy.texts.jsonl', '"a"\n{"text": "b\\nc", "input_ids": [1, 2]}\n'],
    ['.texts.jsonl', '"a"\n{"text": "b\\nc", "input_ids": [1, 2]}\n'],
    ['.jsonl', '{"text": "a"}\n{"text": "b\\nc", "input_ids": [1, 2]}'],
  ])('is a .npy array with its texts in %s', async (ending, texts) => {
    const { rows } = await readExportedVectors(
      write({
        '.npy': npy([
          [1, 2],
          [3, 4],
        ]),
        [ending]: texts,
      }),
    );
    expect(rows.map(({ text, vector, inputIds }) => [text, Array.from(vector), inputIds])).toEqual([
      ['a', [1, 2], undefined],
      ['b\nc', [3, 4], [1, 2]],
    ]);
  });

  it('is a .npy array with plain lines, of which an empty one is the empty text', async () => {
    const { rows } = await readExportedVectors(write({ '.npy': npy([[1], [2], [3]]), '.txt': ' a \r\n\nZürich\n' }));
    expect(rows.map(({ text }) => text)).toEqual([' a ', '', 'Zürich']);
  });

  it('keeps every float32 value and every text, in whichever form', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 1, max: 5 }).chain((dimensions) =>
          fc.array(
            fc.record({
              text: fc.string({ unit: 'binary' }).filter((text) => !/\p{Surrogate}/u.test(text)),
              vector: fc.array(fc.float({ noNaN: true, noDefaultInfinity: true }), {
                minLength: dimensions,
                maxLength: dimensions,
              }),
            }),
            { minLength: 1, maxLength: 5 },
          ),
        ),
        async (rows) => {
          const lines = rows.map(({ text }) => JSON.stringify(text)).join('\n');
          const forms = [
            write({ '.json': JSON.stringify({ texts: rows.map((r) => r.text), vectors: rows.map((r) => r.vector) }) }),
            write({ '.jsonl': rows.map((row) => JSON.stringify(row)).join('\n') }),
            write({ '.npy': npy(rows.map((row) => row.vector)), '.texts.jsonl': lines }),
          ];
          for (const form of forms) {
            const read = (await readExportedVectors(form)).rows;
            expect(read.map(({ text }) => text)).toEqual(rows.map(({ text }) => text));
            // JSON has no negative zero.
            expect(read.flatMap(({ vector }) => Array.from(vector, (value) => value + 0))).toEqual(
              rows.flatMap(({ vector }) => vector.map((value) => value + 0)),
            );
          }
        },
      ),
      { numRuns: 30 },
    );
  });

  it('may speak of NaN and Infinity in its texts', async () => {
    const texts = ['NaN', 'say "Infinity" or \\"NaN\\"', '\\'];
    const file = write({ '.json': JSON.stringify({ texts, vectors: [[1], [2], [3]] }) });
    expect((await readExportedVectors(file)).rows.map(({ text }) => text)).toEqual(texts);
  });
});

describe('an export is refused, naming the row,', () => {
  it.each<[string, string, string, number]>([
    ['a NaN as Python writes it', '.json', '{"texts": ["NaN", "b"], "vectors": [[1, 2], [3, NaN]]}', 1],
    ['an infinity', '.jsonl', '{"text": "a", "vector": [1]}\n{"text": "b", "vector": [-Infinity]}', 1],
    ['a number beyond float64', '.json', '{"texts": ["a"], "vectors": [[1e999]]}', 0],
    ['vectors of different lengths', '.json', '{"texts": ["a", "b"], "vectors": [[1, 2], [3]]}', 1],
    ['an empty vector', '.json', '{"texts": ["a"], "vectors": [[]]}', 0],
    ['a vector that is no list', '.jsonl', '{"text": "a", "vector": "AAAA"}', 0],
    ['a missing vector', '.jsonl', '{"text": "a"}', 0],
    ['a string among the values', '.json', '{"texts": ["a"], "vectors": [[1, "2"]]}', 0],
    ['a text that is no string', '.json', '{"texts": ["a", 5], "vectors": [[1], [2]]}', 1],
    ['half a surrogate pair', '.jsonl', '{"text": "\\ud83d", "vector": [1]}', 0],
    ['a fraction among the ids', '.json', '{"texts": ["a"], "vectors": [[1]], "input_ids": [[1.5]]}', 0],
    ['an empty list of ids', '.json', '{"texts": ["a"], "vectors": [[1]], "input_ids": [[]]}', 0],
    ['an unknown field of a line', '.jsonl', '{"text": "a", "vector": [1], "vectors": [1]}', 0],
  ])('for %s', async (_, ending, content, row) => {
    const error = await failure(write({ [ending]: content }));
    expect(error.code).toBe('FORMAT_INVALID');
    expect(error.message).toContain(`row ${row}`);
    expect(error.message).toContain(ending);
    expect(error.data).toMatchObject({ row });
  });
});

describe('an export is refused, naming the file and the rule,', () => {
  it.each<[string, string, string, RegExp]>([
    ['no texts', '.json', '{"texts": [], "vectors": []}', /no vectors/],
    ['no lines', '.jsonl', '\n \n', /no vectors/],
    ['an empty document', '.json', '', /empty/],
    ['more texts than vectors', '.json', '{"texts": ["a", "b"], "vectors": [[1]]}', /1 vectors for 2 texts/],
    ['fewer ids than texts', '.json', '{"texts": ["a", "b"], "vectors": [[1], [2]], "input_ids": [[1]]}', /1 lists/],
    ['an unknown field', '.json', '{"texts": ["a"], "vectors": [[1]], "truncate_dim": 8}', /truncate_dim/],
    ['a missing field', '.json', '{"texts": ["a"]}', /vectors/],
    ['a broken line', '.jsonl', '{"text": "a", "vector": [1]}\n{"text"', /line 2/],
    ['a control character in a version', '.json', '{"versions": {"torch": "\\u001b[31m"}}', /versions/],
    ['another ending', '.csv', 'a,1,2', /\.json, \.jsonl or \.npy/],
  ])('for %s', async (_, ending, content, rule) => {
    const error = await failure(write({ [ending]: content }));
    expect(error.code).toBe('FORMAT_INVALID');
    expect(error.message).toMatch(rule);
    expect(error.message).toContain(ending);
  });

  it.each<[string, Readonly<Record<string, string | Uint8Array>>, RegExp]>([
    ['an array without texts', { '.npy': npy([[1]]) }, /texts is missing.*\.texts\.jsonl/],
    ['an array with two files of texts', { '.npy': npy([[1]]), '.txt': 'a', '.jsonl': '"a"' }, /keep one/],
    ['fewer texts than vectors', { '.npy': npy([[1], [2]]), '.txt': 'a' }, /1 texts for the 2 vectors/],
    ['an array of one axis', { '.npy': encodeNpy(Float32Array.of(1, 2), [2]), '.txt': 'a\nb' }, /shape/],
    ['quantised vectors', { '.npy': encodeNpy(Int8Array.of(1, 2), [1, 2]), '.txt': 'a' }, /int8/],
    ['a text that is a number', { '.npy': npy([[1]]), '.jsonl': '5' }, /line 1/],
    ['bytes that are not UTF-8', { '.npy': npy([[1]]), '.txt': Uint8Array.of(0xff) }, /UTF-8/],
    ['a truncated array', { '.npy': npy([[1, 2]]).subarray(0, -1), '.txt': 'a' }, /bytes of data/],
  ])('for %s', async (_, contents, rule) => {
    const error = await failure(write(contents));
    expect(error.code).toBe('FORMAT_INVALID');
    expect(error.message).toMatch(rule);
  });

  it('for a file that is not there or cannot be read', async () => {
    expect((await failure(path.join(root, 'absent.json'))).code).toBe('NOT_FOUND');
    const folder = write({ '.json': '{}' });
    const error = await failure(path.join(folder, 'below.json'));
    expect(error.code).toBe('SOURCE_FORBIDDEN');
    expect(error.message).toContain('ENOTDIR');
  });
});
