import { readdirSync } from 'node:fs';
import { ReferenceModel } from '#src/validate/reference/reference-model.js';
import { compareVectors } from '#src/vector/compare-vectors.js';
import { describe, expect, it } from 'vitest';
import { expectedOf, recordOf, weightsOf } from './tiny-checkpoint.js';

/** Two float64 evaluations in different order stay within this, for vectors of size about one. */
const FLOAT64_NOISE = 1e-12;

const checkpoints = readdirSync(new URL('../fixtures/tiny/', import.meta.url)).filter((name) =>
  name.startsWith('bert-'),
);

async function load(name: string): Promise<ReferenceModel> {
  return ReferenceModel.load(recordOf(name), weightsOf(name));
}

describe('the float64 reference', () => {
  it('is tested on every tiny BERT', () => {
    expect(checkpoints.length).toBeGreaterThanOrEqual(23);
  });

  it.each(checkpoints)('gives the float64 vectors of sentence-transformers for %s', async (name) => {
    const expected = expectedOf(name);
    const model = await load(name);
    // Where a saved default prompt is excluded from pooling, expected.json was made with that prompt.
    const promptLength = name === 'bert-prompts-exclude-weighted' ? defaultPromptLength(name) : 0;
    const vectors = expected.input_ids.map((ids) => model.encode(Int32Array.from(ids), promptLength));
    expect(compareVectors(vectors, expected.vectors_f64).maxAbsError).toBeLessThanOrEqual(FLOAT64_NOISE);
  });

  it.each(checkpoints.filter((name) => name.startsWith('bert-prompts')))(
    'leaves the prompt out of pooling exactly where the model says so: %s',
    async (name) => {
      const expected = expectedOf(name);
      const model = await load(name);
      const withPrompt = expected.cases.filter((one) => one.input_ids !== undefined);
      expect(withPrompt.length).toBe(6);
      for (const { call, input_ids: ids = [], vectors } of withPrompt) {
        const promptLength = promptLengthOf(expected.cases, ids);
        const got = ids.map((text) => model.encode(Int32Array.from(text), promptLength));
        const { maxAbsError } = compareVectors(got, vectors);
        expect(maxAbsError, call).toBeLessThanOrEqual(10 * expected.fp32_vs_f64_max_abs);
      }
    },
  );

  it('is sensitive: excluding another number of positions gives another vector', async () => {
    const { input_ids: ids } = expectedOf('bert-prompts-exclude');
    const model = await load('bert-prompts-exclude');
    const text = Int32Array.from(ids[1] ?? []);
    expect(compareVectors([model.encode(text, 1)], [model.encode(text, 0)]).maxAbsError).toBeGreaterThan(1e-3);
  });

  it('gives one row of hidden states per token', async () => {
    const model = await load('bert-mean');
    expect(model.hiddenStates(Int32Array.of(2, 5, 3)).length).toBe(3 * 32);
  });

  it.each([
    ['no tokens', []],
    ['more tokens than positions', new Array<number>(65).fill(2)],
    ['an id beyond the vocabulary', [2, 420, 3]],
    ['a negative id', [2, -1, 3]],
  ])('refuses %s', async (_, ids) => {
    const model = await load('bert-mean');
    expect(() => model.encode(Int32Array.from(ids))).toThrow(expect.objectContaining({ code: 'INPUT_INVALID' }));
  });

  it.each([
    ['model_type', { modelType: 'roberta' }],
    ['is_decoder', { transformerConfig: { ...recordOf('bert-mean').transformerConfig, is_decoder: true } }],
    ['position_embedding_type', { transformerConfig: { position_embedding_type: 'relative_key' } }],
    ['hidden_act', { transformerConfig: { hidden_act: 'mish' } }],
    ['Pooling', { pipeline: [{ kind: 'normalize' as const }] }],
  ])('refuses an architecture it does not compute, naming %s', async (name, change) => {
    await expect(ReferenceModel.load({ ...recordOf('bert-mean'), ...change }, weightsOf('bert-mean'))).rejects.toThrow(
      expect.objectContaining({
        code: 'ARCHITECTURE_UNSUPPORTED',
        message: expect.stringContaining(name) as string,
      }),
    );
  });

  it('refuses weights that are missing, misshapen or there twice, naming the tensor', async () => {
    const record = recordOf('bert-mean');
    const weights = weightsOf('bert-mean');
    const name = 'encoder.layer.1.output.dense.weight';
    const tensor = await weights.tensor(name);
    const swapped = tensor && { shape: [...tensor.shape].reverse(), data: tensor.data };
    const variants = [
      { ...weights, tensor: async (asked: string) => (asked === name ? undefined : weights.tensor(asked)) },
      { ...weights, tensor: async (asked: string) => (asked === name ? swapped : weights.tensor(asked)) },
      { ...weights, tensor: async (asked: string) => weights.tensor(asked.replace('bert.', '')) },
    ];
    for (const variant of variants) {
      await expect(ReferenceModel.load(record, variant)).rejects.toThrow(
        expect.objectContaining({ code: 'WEIGHTS_MISMATCH' }),
      );
    }
    await expect(ReferenceModel.load(record, variants[0] ?? weights)).rejects.toThrow(name);
  });
});

/** What the texts of a case with a prompt share beyond [CLS]: the empty text is the prompt and [SEP]. */
function promptLengthOf(cases: readonly { input_ids?: number[][] | undefined }[], ids: readonly number[][]): number {
  const plain = cases[cases.length - 1]?.input_ids?.[0] ?? [];
  const empty = ids[0] ?? [];
  return empty.length === plain.length ? 0 : empty.length - 1;
}

function defaultPromptLength(name: string): number {
  const { cases, input_ids: ids } = expectedOf(name);
  return promptLengthOf(cases, ids);
}
