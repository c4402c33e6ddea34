import { mkdir, readdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { gzipSync } from 'node:zlib';

import { type LoadOptions, type ModelInfo, type Progress } from '#src/index.js';
import { openCheckpoint } from '#src/convert/checkpoint.js';
import type { QuantizedEncoder } from '#src/convert/quantize/quantized-encoder.js';
import { chooseQuantization } from '#src/engine/quantize/quantization.js';
import { quantizeCheckpoint } from '#src/engine/quantize/quantize-checkpoint.js';
import { listFolderFiles } from '#src/models/folder-files.js';
import { readModelRecord } from '#src/models/model-config/read-model-record.js';
import { readTokenizerDefinition } from '#src/models/tokenizer-definition/read-tokenizer-definition.js';
import { describe, expect, it } from 'vitest';

import { failure, loadFolder, numberedTexts, temporaryFolder, tinyFolder } from './support/tiny-model.js';

async function infoOf(options: LoadOptions): Promise<ModelInfo['quantization']> {
  return (await loadFolder(tinyFolder('bert-mean'), { dtype: 'int8', ...options })).info().quantization;
}

async function quantize(
  name: string,
  threads: number,
  onProgress?: (progress: Progress) => void,
): Promise<QuantizedEncoder> {
  const files = await listFolderFiles(tinyFolder(name));
  const record = await readModelRecord(files);
  const tokenizer = await readTokenizerDefinition(files, record);
  const checkpoint = await openCheckpoint(files, record);
  try {
    const chosen = await chooseQuantization({ weightBits: 8 });
    const model = { files, record, tokenizer };
    return await quantizeCheckpoint(checkpoint, model, chosen, { threads, onProgress, signal: undefined });
  } finally {
    await checkpoint.close();
  }
}

async function fileOf(name: string, content: string | Buffer): Promise<string> {
  const file = path.join(await temporaryFolder(), name);
  await writeFile(file, content);
  return file;
}

const TEXTS = numberedTexts(70);
const JSON_LINES = TEXTS.map((text) => `${JSON.stringify({ text })}\n`).join('');

describe('calibration', () => {
  it('gives the same bits with one thread and with several', async () => {
    const [one, again, several] = await Promise.all([1, 1, 3].map((threads) => quantize('bert-mean', threads)));
    expect(again).toEqual(one);
    expect(several).toEqual(one);
  });

  it('tells how far it is: every layer observed, every product rounded', async () => {
    const steps: Progress[] = [];
    await quantize('bert-mean', 2, (progress) => steps.push(progress));
    for (const [phase, total] of [
      ['calibrate', 2],
      ['quantize', 8],
    ] as const) {
      const own = steps.filter((step) => step.phase === phase);
      expect(own.map(({ done }) => done)).toEqual([...own.keys()].map((i) => i + (phase === 'quantize' ? 1 : 0)));
      expect(own.at(-1)).toMatchObject({ done: total, total });
    }
  });

  it.each([
    ['texts.txt', TEXTS.join('\n')],
    ['texts.jsonl', JSON_LINES],
    ['texts.jsonl.gz', gzipSync(JSON_LINES)],
    ['texts.csv', `text\n${TEXTS.join('\n')}\n`],
  ])('takes texts of one`s own: %s', async (name, content) => {
    const own = await infoOf({ calibration: await fileOf(name, content), weightBits: 8 });
    const shipped = await infoOf({ weightBits: 8 });
    expect(own?.recipe).toBe('calibrated');
    expect(own?.calibration).toMatch(/^[0-9a-f]{64}$/);
    expect(own?.calibration).not.toBe(shipped?.calibration);
    expect(own?.weightsDigest).not.toBe(shipped?.weightsDigest);
  });

  it('makes the same weights of the same texts in two formats', async () => {
    const [lines, text] = await Promise.all([fileOf('a.jsonl', JSON_LINES), fileOf('b.txt', TEXTS.join('\n'))]);
    const [first, second] = [await infoOf({ calibration: lines }), await infoOf({ calibration: text })];
    expect(second?.weightsDigest).toBe(first?.weightsDigest);
    expect(second?.calibration).not.toBe(first?.calibration);
  });

  it('can be left out', async () => {
    expect(await infoOf({ calibration: 'none' })).toMatchObject({ recipe: 'rounding', calibration: null });
  });

  it.each<[string, () => Promise<string>, string]>([
    ['absent', async () => path.join(await temporaryFolder(), 'absent.txt'), 'does not exist'],
    ['empty', () => fileOf('empty.txt', ''), 'is empty'],
    ['blank', () => fileOf('blank.txt', '\n \n'.repeat(100)), 'has 0 texts'],
    ['too short', () => fileOf('few.txt', TEXTS.slice(0, 63).join('\n')), 'has 63 texts'],
    ['of no known format', () => fileOf('texts.doc', 'x'), 'format'],
    ['broken', () => fileOf('broken.jsonl', JSON_LINES + '{"text": 1}\n'), 'broken.jsonl'],
    ['without a column of texts', () => fileOf('numbers.jsonl', '{"n":1}\n'.repeat(90)), 'numbers.jsonl'],
    [
      'a folder',
      async () => (await mkdir(path.join(await temporaryFolder(), 'f.txt'), { recursive: true })) ?? '',
      'folder',
    ],
  ])('refuses a file that is %s, and leaves nothing', async (_, make, rule) => {
    const cache = await temporaryFolder();
    const calibration = await make();
    const error = await failure(() => infoOf({ calibration, cache }));
    expect(error.code).toBe('INPUT_INVALID');
    expect(error.message).toContain(rule);
    expect(error.message).toContain(path.basename(calibration));
    expect(await readdir(path.join(cache, 'prepared')).catch(() => [])).toEqual([]);
  });
});
