import { writeFileSync } from 'node:fs';
import path from 'node:path';
import * as zlib from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { accepted, collect, ENCODERS, inPieces, openFiles, temporaryFolder } from './row-files.js';

const rows = Array.from({ length: 5000 }, (_, index) => ({ id: String(index), text: `text ${index * 7919}` }));
const texts = rows.map(({ text }) => text);

async function read(file: string): Promise<string[]> {
  return accepted(await collect({ file })).map(({ text }) => text);
}

describe('gzip', () => {
  it('is recognised by its bytes, not by its name', async () => {
    using folder = temporaryFolder();
    for (const name of ['a.txt.gz', 'a.txt', 'b.csv.gz', 'c.jsonl']) {
      const file = path.join(folder.path, name);
      const format = name.startsWith('b') ? 'csv' : name.startsWith('c') ? 'jsonl' : 'text';
      writeFileSync(file, zlib.gzipSync(ENCODERS[format](rows)));
      expect(await read(file)).toEqual(texts);
    }
    const plain = path.join(folder.path, 'plain.txt.gz');
    writeFileSync(plain, ENCODERS.text(rows));
    expect(await read(plain)).toEqual(texts);
  });

  it('may have several members, however the bytes are chunked', async () => {
    const lines = fc.array(fc.string({ unit: 'grapheme-ascii', maxLength: 20 }), { maxLength: 5 });
    await fc.assert(
      fc.asyncProperty(
        fc.array(lines, { minLength: 1, maxLength: 4 }),
        fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1 }),
        async (members, sizes) => {
          const data = Buffer.concat(members.map((part) => zlib.gzipSync(part.map((line) => `${line}\n`).join(''))));
          const outcomes = await collect({ stream: inPieces(data, sizes), name: 'standard input' });
          expect(accepted(outcomes).map(({ text }) => text)).toEqual(members.flat());
        },
      ),
    );
  });

  it('that is damaged or cut short is FORMAT_INVALID naming the file', async () => {
    using folder = temporaryFolder();
    const whole = zlib.gzipSync(ENCODERS.text(rows));
    const flipped = Buffer.from(whole);
    flipped.writeUInt8(flipped.readUInt8(flipped.length - 6) ^ 1, flipped.length - 6);
    const file = path.join(folder.path, 'rows.txt.gz');
    for (const [bytes, rule] of [
      [whole.subarray(0, whole.length - 9), 'is compressed data that ends too early (Z_BUF_ERROR)'],
      [whole.subarray(0, 100), 'is compressed data that ends too early (Z_BUF_ERROR)'],
      [whole.subarray(0, 3), 'is compressed data that ends too early (Z_BUF_ERROR)'],
      [flipped, 'holds broken compressed data (Z_DATA_ERROR)'],
      [Buffer.concat([whole, Buffer.from('junk')]), 'holds broken compressed data (Z_DATA_ERROR)'],
    ] as const) {
      writeFileSync(file, bytes);
      await expect(read(file)).rejects.toMatchObject({
        code: 'FORMAT_INVALID',
        message: `${file} ${rule}. Fetch or compress the file again.`,
      });
    }
    expect(openFiles(folder.path) ?? []).toEqual([]);
  });
});

describe('zstd', () => {
  // printf 'first\nsecond\n' | zstd
  const frame = Buffer.from('28b52ffd045869000066697273740a7365636f6e640a61fcbdfe', 'hex');

  it.skipIf('createZstdDecompress' in zlib)('says which Node.js reads it where this one does not', async () => {
    await expect(collect({ stream: inPieces(frame, [5]), name: 'standard input' })).rejects.toMatchObject({
      code: 'INPUT_INVALID',
      message: expect.stringMatching(
        /^standard input is compressed with zstd, which Node\.js reads from version 22\.15 on; this is v.* zstd -d$/,
      ) as string,
    });
  });

  it.runIf('createZstdDecompress' in zlib)('is read where Node.js has it', async () => {
    for (const size of [1, 5, 26, 100]) {
      const outcomes = await collect({
        stream: inPieces(Buffer.concat([frame, frame]), [size]),
        name: 'standard input',
      });
      expect(accepted(outcomes).map(({ text }) => text)).toEqual(['first', 'second', 'first', 'second']);
    }
    await expect(
      collect({ stream: inPieces(frame.subarray(0, 15), [5]), name: 'standard input' }),
    ).rejects.toMatchObject({ code: 'FORMAT_INVALID' });
  });
});

it('a text that begins like a magic number is a text', async () => {
  for (const text of ['(', '(a', '']) {
    const outcomes = await collect({ stream: inPieces(Buffer.from(text), [1]), name: 'standard input' });
    expect(accepted(outcomes).map((row) => row.text)).toEqual(text === '' ? [] : [text]);
  }
});
