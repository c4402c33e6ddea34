import { writeFileSync } from 'node:fs';
import path from 'node:path';
import type { EmbeddingSpace } from '#src/index.js';
import { chooseReference } from '#src/validate/choose-reference.js';
import { listGoldenSets } from '#src/validate/golden-set.js';
import { beforeAll, describe, expect, it } from 'vitest';
import { temporaryFolder } from './tiny-models.js';

const MODEL = 'sentence-transformers/all-MiniLM-L6-v2';
const OTHER = '0'.repeat(64);
let golden: EmbeddingSpace;
const folder = temporaryFolder();

beforeAll(async () => {
  const [set] = await listGoldenSets();
  if (set === undefined) throw new Error('no golden set');
  golden = {
    fingerprint: OTHER,
    model: MODEL,
    similarity: 'cosine',
    weightDtype: 'float32',
    transformer: OTHER,
    tokenizer: OTHER,
    prompts: {},
    ...set.expectation.space,
    pooling: ['mean'],
  };
});

describe('the reference of a model', () => {
  it('is the golden set of its weights, whatever the model is called', async () => {
    const reference = await chooseReference({ id: 'someone/a-copy', space: golden }, {});
    expect(reference).toMatchObject({ kind: 'golden', differences: [], notes: [] });
    expect(reference.texts.length).toBe(326);
  });

  it('is never a golden set by the name alone: other weights under that name are a difference', async () => {
    const reference = await chooseReference({ id: MODEL, space: { ...golden, checkpoint: OTHER } }, {});
    expect(reference).toMatchObject({ kind: 'golden', differences: ['checkpoint'] });
  });

  it('is the float64 pass for other weights under another name', async () => {
    const reference = await chooseReference({ id: 'someone/tuned', space: { ...golden, checkpoint: OTHER } }, {});
    expect(reference).toMatchObject({ kind: 'float64', vectors: [] });
    expect(reference.texts.length).toBe(10);
    // The ids in the golden set belong to another tokenizer.
    expect(
      reference.texts.every(
        ({ inputIds, untruncatedLength }) => inputIds === undefined && untruncatedLength === undefined,
      ),
    ).toBe(true);
    expect(reference.notes.join()).toContain('not that tokens equal those of Python');
  });

  it.each<[string, Partial<EmbeddingSpace>]>([
    ['maxSequenceLength', { maxSequenceLength: 128 }],
    ['pooling', { pooling: ['cls'] }],
    ['normalized', { head: [], normalized: false }],
    ['dimensions', { dimensions: 128 }],
    ['defaultPromptName', { defaultPromptName: 'query' }],
  ])('is the float64 pass for the same weights with another %s, and says so', async (part, change) => {
    const reference = await chooseReference({ id: 'someone/changed', space: { ...golden, ...change } }, {});
    expect(reference.kind).toBe('float64');
    expect(reference.notes[0]).toContain(part);
  });

  it('cannot be the golden set where vectors have another length, even under its name', async () => {
    const reference = await chooseReference({ id: MODEL, space: { ...golden, dimensions: 128 } }, {});
    expect(reference.kind).toBe('float64');
    expect(reference.notes[0]).toMatch(/does not apply.*dimensions/);
  });

  it('is the export where one is named, refused if its vectors have another length', async () => {
    const file = path.join(folder, 'short.json');
    writeFileSync(file, JSON.stringify({ texts: ['a'], vectors: [[1, 0]] }));
    await expect(chooseReference({ id: MODEL, space: golden }, { against: file })).rejects.toThrow(
      expect.objectContaining({ code: 'FORMAT_INVALID', message: expect.stringMatching(/row 0 has 2.*384/) as string }),
    );
    const two = await chooseReference(
      { id: 'm', space: { ...golden, dimensions: 2 } },
      { against: file, tolerance: 0.5 },
    );
    expect(two).toMatchObject({ kind: 'export', vectors: [{ tolerance: { value: 0.5, relative: false } }] });
  });

  it('takes a given tolerance for every group', async () => {
    const { vectors } = await chooseReference({ id: MODEL, space: golden }, { tolerance: 1e-3, scenarios: true });
    expect(vectors.flatMap((one) => [one.tolerance.value, one.scenarioTolerance.value])).toEqual([
      1e-3, 1e-3, 1e-3, 1e-3,
    ]);
    expect(vectors.map(({ rows }) => rows.length)).toEqual([10, 10]);
  });
});
