import {
  assertSameSpace,
  createEmbeddingSpace,
  declaredSpace,
  isSameSpace,
  parseEmbeddingSpace,
} from '#src/models/embedding-space.js';
import { listFolderFiles } from '#src/models/folder-files.js';
import { readModelRecord } from '#src/models/model-config/read-model-record.js';
import type { ModelRecord } from '#src/models/model-record.js';
import { readTokenizerDefinition } from '#src/models/tokenizer-definition/read-tokenizer-definition.js';
import { describe, expect, it } from 'vitest';

import { failure, fixture } from './model-folder.js';

const files = await listFolderFiles(fixture('tiny/bert-dense'));
const record = await readModelRecord(files);
const tokenizer = await readTokenizerDefinition(files, record);
const space = createEmbeddingSpace(record, tokenizer, 'c0ffee');

const changed = (change: Partial<ModelRecord>): typeof space =>
  createEmbeddingSpace({ ...record, ...change }, tokenizer, 'c0ffee');

describe('an embedding space', () => {
  it('says what the vectors are', () => {
    expect(space).toMatchObject({ dimensions: 40, normalized: true, pooling: ['mean'], weightDtype: 'float32' });
    expect(space.fingerprint).toMatch(/^[0-9a-f]{64}$/);
  });

  it.each<[string, typeof space]>([
    ['checkpoint', createEmbeddingSpace(record, tokenizer, 'other')],
    ['tokenizer', createEmbeddingSpace(record, { ...tokenizer, truncationSide: 'left' }, 'c0ffee')],
    ['tokenizer', createEmbeddingSpace(record, { ...tokenizer, json: `${tokenizer.json} ` }, 'c0ffee')],
    ['transformer', changed({ transformerConfig: { ...record.transformerConfig, num_attention_heads: 8 } })],
    ['dimensions', changed({ truncateDimension: 8 })],
    ['maxSequenceLength', changed({ maxSequenceLength: 16 })],
    ['prompts', changed({ prompts: { query: 'q: ' } })],
    ['defaultPromptName', changed({ defaultPromptName: 'query' })],
    ['head', changed({ pipeline: record.pipeline.slice(0, -1) })],
    [
      'pooling',
      changed({ pipeline: [{ kind: 'pooling', modes: ['cls'], includePrompt: true }, ...record.pipeline.slice(1)] }),
    ],
    [
      'includePrompt',
      changed({ pipeline: [{ kind: 'pooling', modes: ['mean'], includePrompt: false }, ...record.pipeline.slice(1)] }),
    ],
  ])('is another one if its %s differs, and the error says so', async (key, other) => {
    expect(isSameSpace(space, other)).toBe(false);
    const error = await failure(() => {
      assertSameSpace(space, other);
    });
    expect(error.code).toBe('SPACE_MISMATCH');
    expect(error.data['differing']).toContain(key);
    expect(error.message).toContain(key);
  });

  it.each<[string, typeof space]>([
    ['the name of the model', changed({ id: 'elsewhere', revision: 'abc' })],
    ['what a writer noted', changed({ transformerConfig: { ...record.transformerConfig, transformers_version: '9' } })],
    [
      'the order of members',
      changed({ transformerConfig: Object.fromEntries(Object.entries(record.transformerConfig).reverse()) }),
    ],
    ['the similarity function', changed({ similarity: 'dot' })],
  ])('is the same whatever %s', (_what, other) => {
    expect(other.fingerprint).toBe(space.fingerprint);
    expect(() => {
      assertSameSpace(space, other);
    }).not.toThrow();
  });

  it('lets int8 and float32 meet only when the caller says so', async () => {
    const int8 = createEmbeddingSpace(record, tokenizer, 'c0ffee', 'int8');
    expect(int8.fingerprint).toBe(space.fingerprint);
    expect(isSameSpace(space, int8, { anyWeightDtype: true })).toBe(true);
    const error = await failure(() => {
      assertSameSpace(space, int8);
    });
    expect(error.data).toMatchObject({ differing: ['weightDtype'] });
    expect(error.message).toMatch(/float32 and with int8 weights/);
  });

  it('survives JSON, and is refused if it was changed on the way', async () => {
    const stored = JSON.stringify(space);
    expect(parseEmbeddingSpace(JSON.parse(stored), 'space.json')).toEqual(space);
    for (const broken of [{ ...space, dimensions: 41 }, { ...space, prompts: undefined }, [], null, 'x']) {
      const error = await failure(() => parseEmbeddingSpace(broken, 'space.json'));
      expect(error.code).toBe('FORMAT_INVALID');
      expect(error.message).toContain('space.json');
    }
  });
});

describe('a declared space', () => {
  const declared = declaredSpace({ model: 'a/b', dimensions: 40 });

  it('is of cosine and normalised, and survives JSON', () => {
    expect(declared).toMatchObject({ model: 'a/b', dimensions: 40, similarity: 'cosine', normalized: true });
    expect(parseEmbeddingSpace(JSON.parse(JSON.stringify(declared)), 'a file')).toEqual(declared);
  });

  it('has a fingerprint of all that was declared, and never that of a loaded model', () => {
    const spaces = [
      space,
      declared,
      declaredSpace({ model: 'a/c', dimensions: 40 }),
      declaredSpace({ model: 'a/b', dimensions: 41 }),
      declaredSpace({ model: 'a/b', dimensions: 40, similarity: 'dot' }),
      declaredSpace({ model: 'a/b', dimensions: 40, normalized: false }),
    ];
    expect(new Set(spaces.map(({ fingerprint }) => fingerprint)).size).toBe(spaces.length);
    expect(declaredSpace({ model: 'a/b', dimensions: 40, similarity: 'cosine' })).toEqual(declared);
    expect(space.checkpoint).not.toMatch(/^declared/);
    expect(declared.checkpoint).toMatch(/^declared /);
  });
});
