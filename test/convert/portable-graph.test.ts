import { readdirSync } from 'node:fs';
import { cp, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';

import { describe, expect, it } from 'vitest';

import {
  convertFolder,
  expectedOf,
  maxAbsoluteError,
  PortableSession,
  temporaryFolder,
  tinyFolder,
} from './portable-model.js';

const models = readdirSync(tinyFolder('.')).filter((name) => name.startsWith('bert-'));
/** As the fixtures' README says: kernels of processors without AVX-512 add in another order than those of Python's run. */
const tolerance = (name: string): number =>
  /bf16|fp16/.test(name) ? 1e-5 : Math.max(1e-6, 10 * expectedOf(name).fp32_vs_f64_max_abs);

/** A default prompt that pooling leaves out is part of the call in Python, and unknown to a graph. */
const byGraphAlone = models.filter((name) => !name.includes('exclude'));

describe('the portable graph of every checkpoint', () => {
  it.each(byGraphAlone)('%s gives the vectors of Python in any batch', async (name) => {
    const { input_ids: ids, vectors } = expectedOf(name);
    const session = await PortableSession.load((await convertFolder(tinyFolder(name))).folder);
    const longest = Math.max(...ids.map((text) => text.length));
    for (const size of [1, 3, ids.length]) {
      for (let begin = 0; begin < ids.length; begin += size) {
        const texts = ids.slice(begin, begin + size);
        for (const length of size === 1 ? [Math.max(...texts.map((text) => text.length)), longest] : [longest]) {
          const { embeddings } = await session.run(texts, { length, padId: 7 });
          embeddings.forEach((row, i) => {
            expect(maxAbsoluteError(row, vectors[begin + i] ?? [])).toBeLessThanOrEqual(tolerance(name));
          });
        }
      }
    }
  });

  it('covers every pooling mode', () => {
    const poolings = ['cls', 'lasttoken', 'max', 'mean', 'mean-sqrt-len', 'weightedmean', 'multipool', 'dense'];
    for (const pooling of poolings) expect(byGraphAlone).toContain(`bert-${pooling}`);
  });
});

describe('padding on the left', () => {
  const rowsOf = (tokens: Float32Array, hidden: number, begin: number, count: number): Float32Array[] =>
    Array.from({ length: count }, (_, i) => tokens.slice((begin + i) * hidden, (begin + i + 1) * hidden));

  it.each<[string, (rows: Float32Array[], column: number) => number]>([
    ['cls', (rows, column) => rows[0]?.[column] ?? NaN],
    ['lasttoken', (rows, column) => rows.at(-1)?.[column] ?? NaN],
    ['max', (rows, column) => Math.max(...rows.map((row) => row[column] ?? NaN))],
    ['mean', (rows, column) => rows.reduce((sum, row) => sum + (row[column] ?? NaN), 0) / rows.length],
    [
      'mean-sqrt-len',
      (rows, column) => rows.reduce((sum, row) => sum + (row[column] ?? NaN), 0) / Math.sqrt(rows.length),
    ],
  ])('is looked for, not assumed: %s pools the tokens of the text alone', async (pooling, pool) => {
    const name = `bert-${pooling}`;
    const texts = expectedOf(name).input_ids.slice(0, 6);
    const length = Math.max(...texts.map((ids) => ids.length)) + 2;
    const session = await PortableSession.load((await convertFolder(tinyFolder(name))).folder);
    const { tokens, embeddings } = await session.run(texts, { length, side: 'left' });
    const hidden = tokens.length / texts.length / length;
    texts.forEach((ids, i) => {
      const rows = rowsOf(tokens, hidden, i * length + length - ids.length, ids.length);
      const pooled = Array.from({ length: hidden }, (_, column) => pool(rows, column));
      const row = embeddings[i] ?? new Float32Array();
      const scale = Math.abs(Math.hypot(...row) - 1) < 1e-5 ? Math.hypot(...pooled) : 1;
      const vector = pooled.map((value) => value / scale);
      expect(maxAbsoluteError(row, vector)).toBeLessThanOrEqual(4e-6);
    });
  });
});

describe('operator sets', () => {
  it.each([18, 19, 20, 21, 22, 23, 24, 25, 26])('%i is loaded and gives the same vectors', async (opset) => {
    const { input_ids: ids, vectors } = expectedOf('bert-dense');
    const converted = await convertFolder(tinyFolder('bert-dense'), { opset });
    const session = await PortableSession.load(converted.folder);
    const { embeddings } = await session.run(ids);
    embeddings.forEach((row, i) => {
      expect(maxAbsoluteError(row, vectors[i] ?? [])).toBeLessThanOrEqual(1e-6);
    });
  });

  it.each([17, 27, 18.5, NaN])('%d is CONFIG_INVALID, naming those that can be written', async (opset) => {
    await expect(convertFolder(tinyFolder('bert-mean'), { opset })).rejects.toMatchObject({
      code: 'CONFIG_INVALID',
      message: expect.stringContaining('18, 19') as string,
    });
  });

  it.each(['gelu', 'gelu_new', 'gelu_pytorch_tanh', 'relu', 'silu', 'tanh'])(
    'compute %s alike with and without an operator of its own',
    async (activation) => {
      const folder = path.join(await temporaryFolder(), 'model');
      await cp(tinyFolder('bert-nonorm'), folder, { recursive: true });
      const file = path.join(folder, 'config.json');
      const config = JSON.parse(await readFile(file, 'utf8')) as object;
      await writeFile(file, JSON.stringify({ ...config, hidden_act: activation }));
      const { input_ids: ids } = expectedOf('bert-nonorm');
      const [old, current] = await Promise.all(
        [18, 20].map(async (opset) => {
          const session = await PortableSession.load((await convertFolder(folder, { opset })).folder);
          return (await session.run(ids)).embeddings;
        }),
      );
      old?.forEach((row, i) => {
        expect(maxAbsoluteError(row, current?.[i] ?? [])).toBeLessThanOrEqual(4e-6);
      });
    },
  );
});

it('honours token types', async () => {
  const { input_ids: ids } = expectedOf('bert-mean');
  const session = await PortableSession.load((await convertFolder(tinyFolder('bert-mean'))).folder);
  const [first, second] = [await session.run(ids), await session.run(ids, { type: 1 })];
  expect(maxAbsoluteError(first.embeddings[1] ?? [], second.embeddings[1] ?? [])).toBeGreaterThan(1e-3);
});

it('gives the same bits with its weights inside and beside it', async () => {
  const { input_ids: ids } = expectedOf('bert-mean');
  const inside = await convertFolder(tinyFolder('bert-mean'));
  const beside = await convertFolder(tinyFolder('bert-mean'), { externalData: true });
  const size = (files: typeof beside.files, name: string): number | undefined =>
    files.find((file) => file.name === name)?.bytes;
  expect(size(inside.files, 'onnx/model.onnx_data')).toBeUndefined();
  expect(size(beside.files, 'onnx/model.onnx_data')).toBeGreaterThan(10_000);
  const [a, b] = [await PortableSession.load(inside.folder), await PortableSession.load(beside.folder)];
  expect((await a.run(ids)).embeddings).toEqual((await b.run(ids)).embeddings);
});
