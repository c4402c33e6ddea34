import { readFileSync } from 'node:fs';
import path from 'node:path';
import { type Embedder, type EmbeddingBatch, loadModel } from '#src/index.js';
import { listFolderFiles } from '#src/models/folder-files.js';
import { readModelRecord } from '#src/models/model-config/read-model-record.js';
import { readTokenizerDefinition } from '#src/models/tokenizer-definition/read-tokenizer-definition.js';
import { TextTokenizer } from '#src/runtime/tokenizer.js';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { temporaryFolder, TINY_BERTS, tinyFolder } from './tiny-models.js';

const vectors = z.array(z.array(z.number()));
const expectedSchema = z.object({
  settings: z.looseObject({
    max_seq_length: z.number(),
    embedding_dimension: z.number(),
    stored_dtype: z.string().optional(),
    default_prompt_name: z.string().nullish(),
    prompts: z.record(z.string(), z.string()).optional(),
  }),
  texts: z.array(z.string()),
  input_ids: vectors,
  vectors,
  vectors_f64: vectors,
  fp32_vs_f64_max_abs: z.number(),
  cases: z
    .array(
      z.object({ call: z.string(), vectors, input_ids: vectors.optional(), informational: z.boolean().default(false) }),
    )
    .default([]),
});
type Expected = z.infer<typeof expectedSchema>;

function expectedOf(name: string): Expected {
  return expectedSchema.parse(JSON.parse(readFileSync(path.join(tinyFolder(name), 'expected.json'), 'utf8')));
}

/** Half-precision checkpoints are run in float32 and held against the float32 references. */
function tolerance({ settings, fp32_vs_f64_max_abs: floor }: Expected): number {
  return settings.stored_dtype === undefined ? Math.max(1e-6, 2 * floor) : 1e-5;
}

function largestError(actual: Iterable<ArrayLike<number>>, expected: readonly (readonly number[])[]): number {
  const rows = Array.from(actual, (row) => Array.from(row));
  expect(rows.map((row) => row.length)).toEqual(expected.map((row) => row.length));
  const errors = expected.flatMap((row, i) => row.map((value, j) => Math.abs((rows[i]?.[j] ?? Number.NaN) - value)));
  expect(errors.every(Number.isFinite)).toBe(true);
  return Math.max(...errors);
}

/** The calls of expected.json, as a user of isovec writes them. */
const CALLS: Readonly<Record<string, (model: Embedder, texts: readonly string[]) => Promise<Iterable<Float32Array>>>> =
  {
    'model.encode(text)': (model, texts) => model.encodeBatch(texts),
    "model.encode(text, prompt_name='query')": (model, texts) => model.encodeBatch(texts, { promptName: 'query' }),
    'model.encode_query(text)': (model, texts) => Promise.all(texts.map((text) => model.encodeQuery(text))),
    'model.encode_document(text)': (model, texts) => model.encodeDocument(texts),
    "model.encode(text, prompt='custom prompt ')": (model, texts) =>
      model.encodeBatch(texts, { prompt: 'custom prompt ' }),
    "model.encode(text, prompt='')": (model, texts) => model.encodeBatch(texts, { prompt: '' }),
    'model.encode(text, truncate_dim=8)': (model, texts) => model.encodeBatch(texts, { dimensions: 8 }),
    'model.encode(text, truncate_dim=13)': (model, texts) => model.encodeBatch(texts, { dimensions: 13 }),
    'model.encode(text, truncate_dim=1000)': (model, texts) => model.encodeBatch(texts, { dimensions: 1000 }),
    'model.encode(text, truncate_dim=32)': (model, texts) => model.encodeBatch(texts, { dimensions: 32 }),
    'model.encode(text, truncate_dim=8, normalize_embeddings=True)': (model, texts) =>
      model.encodeBatch(texts, { dimensions: 8, normalize: true }),
    'model.encode(text, normalize_embeddings=True)': (model, texts) => model.encodeBatch(texts, { normalize: true }),
  };

const cache = temporaryFolder();

describe.each(TINY_BERTS)('%s', (name) => {
  const expected = expectedOf(name);
  let model: Embedder;
  let batch: EmbeddingBatch;

  beforeAll(async () => {
    model = await loadModel(tinyFolder(name), { cache, threads: 2 });
    batch = await model.encodeBatch(expected.texts);
  });

  afterAll(async () => {
    await model.close();
  });

  it('gives the float32 vectors of sentence-transformers', () => {
    expect(batch.dimensions).toBe(expected.settings.embedding_dimension);
    expect(largestError(batch, expected.vectors)).toBeLessThanOrEqual(tolerance(expected));
  });

  it('is as close to float64 as sentence-transformers is', () => {
    expect(largestError(batch, expected.vectors_f64)).toBeLessThanOrEqual(2 * expected.fp32_vs_f64_max_abs);
  });

  it('feeds the same token ids and reports their number', async () => {
    const files = await listFolderFiles(tinyFolder(name));
    const record = await readModelRecord(files);
    const tokenizer = await TextTokenizer.load(await readTokenizerDefinition(files, record), record.maxSequenceLength);
    const prompt = expected.settings.prompts?.[expected.settings.default_prompt_name ?? ''] ?? '';
    const tokenized = await tokenizer.encodeBatch(expected.texts.map((text) => prompt + text));
    expect(tokenized.map(({ ids }) => Array.from(ids))).toEqual(expected.input_ids);
    expect(Array.from(batch.tokens)).toEqual(expected.input_ids.map((ids) => ids.length));
    const flags = Array.from(batch.truncated, (flag) => flag === 1);
    expect(flags).toEqual(tokenized.map(({ truncated }) => truncated));
    // Text 8 is longer than the limit by construction.
    expect(flags[8]).toBe(true);
  });

  for (const { call, vectors: wanted } of expected.cases.filter((one) => !one.informational)) {
    it(call, async () => {
      const rows = await CALLS[call]?.(model, expected.texts);
      expect(rows, `no counterpart of ${call}`).toBeDefined();
      expect(largestError(rows ?? [], wanted)).toBeLessThanOrEqual(tolerance(expected));
    });
  }
});

it('covers every kind of tiny BERT', () => {
  expect(TINY_BERTS.length).toBeGreaterThanOrEqual(23);
});
