import { describe, expect, test } from 'vitest';
import { caughtError } from './caught-error.js';
import { rawFile, readRaw } from './safetensors-file.js';

const MAX = Number.MAX_SAFE_INTEGER;

function entry(dtype: unknown, shape: unknown, offsets: unknown): string {
  return JSON.stringify({ dtype, shape, data_offsets: offsets });
}

async function expectRefusal(file: Uint8Array, ...mentions: string[]): Promise<void> {
  const error = await caughtError(() => readRaw(file));
  expect(error.code).toBe('FORMAT_INVALID');
  for (const mention of ['weights.safetensors', ...mentions]) expect(error.message).toContain(mention);
}

describe('what is read', () => {
  test('tensors, metadata and the begin of the data', async () => {
    const header = `{"__metadata__":{"format":"pt"},"b":${entry('F16', [2, 2], [4, 12])},"a":${entry('F32', [], [0, 4])}} `;
    const { tensors, metadata, dataBegin } = await readRaw(rawFile(header, 12));
    expect(dataBegin).toBe(8 + header.length);
    expect([...metadata]).toEqual([['format', 'pt']]);
    expect([...tensors.values()]).toEqual([
      { name: 'b', dtype: 'F16', shape: [2, 2], begin: dataBegin + 4, end: dataBegin + 12 },
      { name: 'a', dtype: 'F32', shape: [], begin: dataBegin, end: dataBegin + 4 },
    ]);
  });

  test('a file without tensors', async () => {
    expect((await readRaw(rawFile('{}'))).tensors.size).toBe(0);
  });

  test('empty tensors, wherever they lie between others', async () => {
    const header = `{"a":${entry('F32', [1], [0, 4])},"z":${entry('F32', [0, 7], [4, 4])},"b":${entry('U8', [1], [4, 5])}}`;
    expect([...(await readRaw(rawFile(header, 5))).tensors.keys()]).toEqual(['a', 'z', 'b']);
  });

  test('keys that JavaScript objects treat specially', async () => {
    const header = `{"__proto__":${entry('U8', [1], [0, 1])},"constructor":${entry('U8', [1], [1, 2])}}`;
    expect([...(await readRaw(rawFile(header, 2))).tensors.keys()]).toEqual(['__proto__', 'constructor']);
  });

  test('unknown keys of a tensor are ignored', async () => {
    const header = '{"a":{"dtype":"U8","shape":[1],"data_offsets":[0,1],"note":{"x":[1]}}}';
    expect((await readRaw(rawFile(header, 1))).tensors.size).toBe(1);
  });

  test('only the header is read', async () => {
    const file = rawFile(`{"a":${entry('U8', [1000], [0, 1000])}}`, 1000);
    let furthest = 0;
    const { readSafetensorsHeader } = await import('#src/formats/safetensors/read-safetensors-header.js');
    const { dataBegin } = await readSafetensorsHeader({
      name: 'weights.safetensors',
      size: file.byteLength,
      read: (begin, end) => {
        furthest = Math.max(furthest, end);
        return Promise.resolve(file.subarray(begin, end));
      },
    });
    expect(furthest).toBe(dataBegin);
  });
});

describe('the prefix', () => {
  test('an empty file', () => expectRefusal(new Uint8Array(0), 'empty'));
  test('fewer bytes than the header length', () => expectRefusal(new Uint8Array(7), 'too short', 'header length'));
  test('a header length of 0', () => expectRefusal(new Uint8Array(8), 'header length of 0'));
  test('a header length above the limit', () =>
    expectRefusal(rawFile('{}', 0, 100_000_001n), 'header length', '100000001'));
  test('a header length that no double holds', () =>
    expectRefusal(rawFile('{}', 0, 2n ** 63n), 'header length', '9223372036854775808'));
  test('the largest header length of all', () =>
    expectRefusal(rawFile('{}', 0, 2n ** 64n - 1n), 'header length', '18446744073709551615'));
  test('a file that ends one byte before its header', () =>
    expectRefusal(rawFile('{}', 0, 3n), 'truncated', 'header length is 3', 'only 2 follow'));
  test('a Git LFS pointer', () =>
    expectRefusal(
      new TextEncoder().encode('version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 90868376\n'),
      'Git LFS',
      'git lfs pull',
    ));
  test('a source that gives fewer bytes than its size', async () => {
    const { readSafetensorsHeader } = await import('#src/formats/safetensors/read-safetensors-header.js');
    const file = rawFile('{}   ');
    const source = {
      name: 'weights.safetensors',
      size: file.byteLength,
      read: (begin: number) => Promise.resolve(file.subarray(begin, 9)),
    };
    const error = await caughtError(() => readSafetensorsHeader(source));
    expect(error.code).toBe('FORMAT_INVALID');
    expect(error.message).toContain('truncated');
  });
});

describe('the header text', () => {
  test('not UTF-8', () => expectRefusal(rawFile(new Uint8Array([0x7b, 0x22, 0xff, 0x22, 0x7d])), 'UTF-8', 'header'));
  test('not JSON', () => expectRefusal(rawFile('{not json}'), 'JSON', 'header'));
  test('an array', () => expectRefusal(rawFile('[]'), 'JSON'));
  test('white space before the object', () => expectRefusal(rawFile(' {}'), 'JSON'));
  test('a byte order mark before the object', () => expectRefusal(rawFile('\ufeff{}'), 'JSON'));
  test('nesting that would exhaust the stack', () =>
    expectRefusal(rawFile(`{"a":${'['.repeat(100_000)}${']'.repeat(100_000)}}`), 'deeper'));
  test('a tensor declared twice', () =>
    expectRefusal(rawFile(`{"a":${entry('U8', [1], [0, 1])},"a":${entry('U8', [1], [0, 1])}}`, 1), 'duplicate', '"a"'));
  test('a tensor declared twice in two spellings', () =>
    expectRefusal(
      rawFile(`{"a":${entry('U8', [1], [0, 1])},"\\u0061":${entry('U8', [1], [0, 1])}}`, 1),
      'duplicate',
      '"a"',
    ));
  test('a key twice inside a tensor', () =>
    expectRefusal(
      rawFile('{"a":{"dtype":"U8","shape":[1],"data_offsets":[0,1],"sh\\u0061pe":[1]}}', 1),
      'duplicate',
      '"a"',
      '"shape"',
    ));
});

describe('a tensor', () => {
  test.each([
    ['that is no object', '3', ['must be an object']],
    ['without a dtype', '{"shape":[1],"data_offsets":[0,1]}', ['dtype', 'missing']],
    ['of an unknown dtype', entry('F33', [1], [0, 1]), ['dtype', 'F33', 'BF16']],
    ['of a dtype that names an object method', entry('toString', [1], [0, 1]), ['dtype', 'toString']],
    ['without a shape', '{"dtype":"U8","data_offsets":[0,1]}', ['shape', 'missing']],
    ['of a negative dimension', entry('U8', [-1], [0, 1]), ['shape', '[-1]']],
    ['of a fractional dimension', entry('U8', [0.5], [0, 1]), ['shape', '[0.5]']],
    ['of a dimension spelt -0', '{"dtype":"U8","shape":[-0],"data_offsets":[0,0]}', ['shape']],
    ['of a dimension beyond 2^53', '{"dtype":"U8","shape":[9007199254740992],"data_offsets":[0,1]}', ['shape']],
    ['of a dimension that is text', entry('U8', ['1'], [0, 1]), ['shape']],
    [
      'whose product overflows 64 bits to 1',
      entry('U8', [2 ** 32 + 1, 2 ** 32 - 1, 641], [0, 1]),
      ['shape', 'overflows'],
    ],
    ['whose partial product overflows before a 0', entry('U8', [MAX, MAX, 0], [0, 0]), ['shape', 'overflows']],
    ['whose bytes overflow although its elements do not', entry('F64', [MAX], [0, 1]), ['shape']],
    ['without data_offsets', '{"dtype":"U8","shape":[1]}', ['data_offsets', 'missing']],
    ['of one data_offset', entry('U8', [1], [0]), ['data_offsets']],
    ['of three data_offsets', entry('U8', [1], [0, 1, 1]), ['data_offsets']],
    ['of a negative begin', entry('U8', [1], [-1, 0]), ['data_offsets', '[-1,0]']],
    ['that ends before it begins', entry('U8', [1], [1, 0]), ['data_offsets', 'before the begin']],
    ['that ends behind the file', entry('U8', [2], [0, 2]), ['data_offsets', 'beyond the end']],
    ['of fewer bytes than its shape takes', entry('F32', [1], [0, 1]), ['shape', '[1]', 'F32', '1 bytes']],
    ['of more bytes than its shape takes', entry('U8', [0], [0, 1]), ['shape', '[0]']],
  ])('%s', (_, text, mentions) => expectRefusal(rawFile(`{"the.tensor":${text}}`, 1), 'the.tensor', ...mentions));

  test('a very long name is cut in messages, and control characters are escaped', async () => {
    const name = `\u001b[31m${'n'.repeat(5000)}`;
    const error = await caughtError(() => readRaw(rawFile(JSON.stringify({ [name]: 3 }))));
    expect(error.message).not.toContain('\u001b');
    expect(error.message.length).toBeLessThan(500);
  });
});

describe('the data area', () => {
  test('overlapping tensors', () =>
    expectRefusal(
      rawFile(`{"a":${entry('U8', [4], [0, 4])},"b":${entry('U8', [4], [3, 7])}}`, 7),
      'overlap',
      '"b"',
      '"a"',
    ));
  test('an empty tensor inside another one', () =>
    expectRefusal(rawFile(`{"a":${entry('U8', [4], [0, 4])},"b":${entry('U8', [0], [2, 2])}}`, 4), 'overlap', '"b"'));
  test('a tensor moved onto another one is an overlap, although it leaves a hole', () =>
    expectRefusal(rawFile(`{"a":${entry('U8', [4], [4, 8])},"b":${entry('U8', [4], [4, 8])}}`, 8), 'overlap'));
  test('a hole before the first tensor', () =>
    expectRefusal(rawFile(`{"a":${entry('U8', [4], [1, 5])}}`, 5), 'hole of 1 bytes', '"a"'));
  test('a hole between tensors', () =>
    expectRefusal(rawFile(`{"a":${entry('U8', [4], [0, 4])},"b":${entry('U8', [1], [8, 9])}}`, 9), 'hole of 4 bytes'));
  test('bytes after the last tensor', () =>
    expectRefusal(rawFile(`{"a":${entry('U8', [4], [0, 4])}}`, 9), 'length', '5 trailing bytes'));
  test('bytes in a file without tensors', () => expectRefusal(rawFile('{}', 1), 'length', '1 trailing bytes'));
});

describe('__metadata__', () => {
  test.each(['3', 'null', '[]', '"text"'])('%s instead of an object', (value) =>
    expectRefusal(rawFile(`{"__metadata__":${value}}`), '__metadata__'),
  );
  test('a value that is no string', () =>
    expectRefusal(rawFile('{"__metadata__":{"step":3}}'), '__metadata__', '"step"'));
});
