import { mkdtemp, readdir, readFile, realpath, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';

import { obtainFiles } from '#src/engine/load-model.js';
import { prepareModel } from '#src/engine/prepare-model.js';
import { readSettings } from '#src/engine/settings.js';
import { expect, it, onTestFinished } from 'vitest';
import { z } from 'zod';

import { loadRealModel, REAL_MODEL } from '../support/real-model.js';
import { maxAbsoluteError } from './support/tiny-model.js';

const ROOT = path.resolve(import.meta.dirname, '../..');
const indexSchema = z.object({
  entries: z.array(z.object({ id: z.string(), shape: z.tuple([z.number(), z.number()]), offset_floats: z.number() })),
});

/** Texts of the golden set by their id. */
async function goldenTexts(): Promise<Map<string, string>> {
  const file = path.join(ROOT, 'data/validation/sentence-transformers--all-MiniLM-L6-v2/texts.jsonl');
  const schema = z.object({ id: z.string(), text: z.string() });
  const lines = (await readFile(file, 'utf8')).trimEnd().split('\n');
  return new Map(lines.map((line) => schema.parse(JSON.parse(line))).map(({ id, text }) => [id, text]));
}

it('gives the hidden states of Python for every token', async () => {
  const folder = path.join(ROOT, 'test/fixtures/minilm');
  const bytes = await readFile(path.join(folder, 'token_embeddings.f32'));
  const expected = new Float32Array(bytes.buffer, bytes.byteOffset, bytes.byteLength / 4);
  const { entries } = indexSchema.parse(JSON.parse(await readFile(path.join(folder, 'token_embeddings.json'), 'utf8')));
  const texts = await goldenTexts();
  await using model = await loadRealModel();
  const results = await model.tokenEmbeddings(entries.map(({ id }) => texts.get(id) ?? ''));
  entries.forEach(({ shape: [tokens, dimensions], offset_floats: begin }, i) => {
    const result = results[i];
    expect([result?.tokens, result?.dimensions]).toEqual([tokens, dimensions]);
    const rows = expected.subarray(begin, begin + tokens * dimensions);
    // Hidden states are about twenty times as large as the values of a normalised vector.
    expect(maxAbsoluteError(result?.data ?? [], rows)).toBeLessThanOrEqual(8e-6);
  });
});

it('is prepared with a graph below a megabyte and no second copy of its weights', async () => {
  const cache = await realpath(await mkdtemp(path.join(tmpdir(), 'isovec-real-')));
  onTestFinished(() => rm(cache, { recursive: true, force: true }));
  const { conversion, bundle } = await prepareModel(
    await obtainFiles(REAL_MODEL, {}, readSettings()),
    cache,
    undefined,
  );
  const folder = path.dirname(bundle.graphPath);
  const sizes = await Promise.all(
    (await readdir(folder)).map(async (name) => [name, (await stat(path.join(folder, name))).size] as const),
  );
  const size = Object.fromEntries(sizes);
  expect(size['graph.onnx']).toBeLessThan(1_000_000);
  expect(Object.values(size).reduce((sum, bytes) => sum + bytes, 0)).toBeLessThan(2_000_000);
  expect(conversion.weightBytesInPlace).toBeGreaterThan(80_000_000);
  expect(conversion.unusedTensors).toEqual(
    expect.arrayContaining(['pooler.dense.bias', 'pooler.dense.weight']) as string[],
  );
});
