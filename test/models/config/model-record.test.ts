import { readdirSync } from 'node:fs';
import { rm, writeFile } from 'node:fs/promises';
import path from 'node:path';

import { listFolderFiles } from '#src/models/folder-files.js';
import { readModelRecord } from '#src/models/model-config/read-model-record.js';
import type { ModelRecord } from '#src/models/model-record.js';
import { describe, expect, it } from 'vitest';

import { copyOf, editJson, failure, fixture, fixtureJson, temporaryFolder } from './model-folder.js';

interface Expected {
  readonly settings: {
    readonly max_seq_length: number;
    readonly embedding_dimension: number;
    readonly similarity_fn_name: string;
    readonly prompts?: Readonly<Record<string, string>>;
    readonly default_prompt_name?: string | null;
    readonly truncate_dim?: number | null;
  };
}

const CHECKPOINTS = readdirSync(fixture('tiny')).filter((name) => name.startsWith('bert-'));

async function recordOf(folder: string): Promise<ModelRecord> {
  return readModelRecord(await listFolderFiles(folder));
}

describe('readModelRecord on the tiny checkpoints', () => {
  it.each(CHECKPOINTS)('%s: limits, prompts and dimensions are those of sentence-transformers', async (name) => {
    const record = await recordOf(fixture(`tiny/${name}`));
    const { settings } = await fixtureJson<Expected>(`tiny/${name}/expected.json`);
    expect(record.maxSequenceLength).toBe(settings.max_seq_length);
    expect(record.truncateDimension ?? record.dimensions).toBe(settings.embedding_dimension);
    expect(record.similarity).toBe(settings.similarity_fn_name);
    expect(record.truncateDimension).toBe(settings.truncate_dim ?? undefined);
    expect(record.defaultPromptName).toBe(settings.default_prompt_name ?? undefined);
    // Python lists the built-in prompts even if they are not saved; they are empty then.
    expect({ query: '', document: '', ...record.prompts }).toEqual({ query: '', document: '', ...settings.prompts });
    expect(record).toMatchObject({ modelType: 'bert', transformerPath: '' });
  });

  const normalize = { kind: 'normalize' };
  const pooling = (...modes: string[]): object => ({ kind: 'pooling', modes, includePrompt: true });
  it.each<[string, object[]]>([
    ['bert-mean', [pooling('mean'), normalize]],
    ['bert-oldlayout', [pooling('mean'), normalize]],
    ['bert-cls', [pooling('cls'), normalize]],
    ['bert-max', [pooling('max'), normalize]],
    ['bert-lasttoken', [pooling('lasttoken')]],
    ['bert-nonorm', [pooling('mean')]],
    ['bert-mean-sqrt-len', [pooling('mean_sqrt_len_tokens')]],
    ['bert-weightedmean', [pooling('weightedmean'), normalize]],
    ['bert-multipool', [pooling('cls', 'max', 'mean')]],
    ['bert-prompts-exclude-cls', [{ kind: 'pooling', modes: ['cls'], includePrompt: false }, normalize]],
    [
      'bert-dense',
      [
        pooling('mean'),
        {
          kind: 'dense',
          path: '2_Dense',
          inFeatures: 32,
          outFeatures: 24,
          bias: true,
          activation: 'tanh',
          residual: false,
        },
        {
          kind: 'dense',
          path: '3_Dense',
          inFeatures: 24,
          outFeatures: 40,
          bias: false,
          activation: 'identity',
          residual: false,
        },
        normalize,
      ],
    ],
  ])('%s: the steps after the transformer', async (name, pipeline) => {
    expect((await recordOf(fixture(`tiny/${name}`))).pipeline).toEqual(pipeline);
  });

  it('multipool vectors are as long as all modes together', async () => {
    expect((await recordOf(fixture('tiny/bert-multipool'))).dimensions).toBe(96);
  });

  it('all-MiniLM-L6-v2: 256 tokens, although its tokenizer says 512 and tokenizer.json 128', async () => {
    const record = await recordOf(fixture('minilm/model'));
    expect(record).toMatchObject({ maxSequenceLength: 256, dimensions: 384, similarity: 'cosine', prompts: {} });
    expect(record.pipeline).toEqual([pooling('mean'), normalize]);
  });
});

describe('readModelRecord on checkpoints without modules.json', () => {
  it('pools a classification checkpoint by mean, as SentenceTransformer(path) does', async () => {
    const record = await recordOf(fixture('tiny/cross-encoder-plain'));
    expect(record.pipeline).toEqual([{ kind: 'pooling', modes: ['mean'], includePrompt: true }]);
    expect(record).toMatchObject({ dimensions: 32, maxSequenceLength: 64, prompts: {}, similarity: 'cosine' });
  });

  it.each([
    ['BertForMaskedLM', undefined, 'mean'],
    ['BertForCausalLM', undefined, 'lasttoken'],
    ['BertForCausalLM', false, 'mean'],
  ])('%s with is_causal %s is pooled by %s', async (architecture, isCausal, mode) => {
    const folder = await copyOf('tiny/cross-encoder-plain');
    await editJson(folder, 'config.json', (config) => ({
      ...config,
      architectures: [architecture],
      is_causal: isCausal,
    }));
    expect((await recordOf(folder)).pipeline).toEqual([{ kind: 'pooling', modes: [mode], includePrompt: true }]);
  });

  it('ignores files that sentence-transformers reads only beside modules.json', async () => {
    const folder = await copyOf('tiny/bert-oldlayout');
    await rm(path.join(folder, 'modules.json'));
    expect(await recordOf(folder)).toMatchObject({ maxSequenceLength: 64, pipeline: [{ modes: ['mean'] }] });
  });
});

describe('the longest input', () => {
  it.each([
    [{ max_seq_length: 20 }, 512, 20],
    [{ max_seq_length: null }, 40, 40],
    [{}, 40, 40],
    [{}, 1e30, 64],
    [{}, null, 64],
    [{ max_seq_length: 1000 }, 40, 64],
    [{ max_seq_length: 20, tokenizer_args: { model_max_length: 30 } }, 512, 30],
    [{ max_seq_length: 20, processing_kwargs: { text: { max_length: 10, truncation: true } } }, 512, 10],
  ])('settings %j with model_max_length %j give %d', async (settings, modelMaxLength, limit) => {
    const folder = await copyOf('tiny/bert-oldlayout');
    await writeFile(path.join(folder, 'sentence_bert_config.json'), JSON.stringify(settings));
    await editJson(folder, 'tokenizer_config.json', (config) => ({
      ...config,
      model_max_length: modelMaxLength,
    }));
    expect((await recordOf(folder)).maxSequenceLength).toBe(limit);
  });

  it('is read from the older names of the file too', async () => {
    const folder = await copyOf('tiny/bert-oldlayout');
    await rm(path.join(folder, 'sentence_bert_config.json'));
    await writeFile(path.join(folder, 'sentence_xlm-roberta_config.json'), '{"max_seq_length": 17}');
    expect((await recordOf(folder)).maxSequenceLength).toBe(17);
  });
});

describe('pooling settings', () => {
  it.each([
    [
      { pooling_mode_lasttoken: true, pooling_mode_cls_token: true, pooling_mode_mean_tokens: true },
      ['cls', 'mean', 'lasttoken'],
    ],
    [{ pooling_mode_mean_tokens: false }, ['mean']],
    [{ pooling_mode: ['lasttoken', 'cls'] }, ['lasttoken', 'cls']],
    [{ pooling_mode: 'max', pooling_mode_cls_token: true }, ['max']],
  ])('%j pool by %j', async (settings, modes) => {
    const folder = await copyOf('tiny/bert-nonorm');
    await editJson(folder, '1_Pooling/config.json', () => ({ word_embedding_dimension: 32, ...settings }));
    const record = await recordOf(folder);
    expect(record.pipeline).toEqual([{ kind: 'pooling', modes, includePrompt: true }]);
    expect(record.dimensions).toBe(32 * modes.length);
  });

  it.each([
    [{ embedding_dimension: 32, pooling_mode: 'median' }, 'CONFIG_INVALID', 'pooling_mode'],
    [{ embedding_dimension: 32, pooling_mode: [] }, 'CONFIG_INVALID', 'pooling_mode'],
    [{ embedding_dimension: 31, pooling_mode: 'mean' }, 'CONFIG_INVALID', 'embedding_dimension'],
    [{ pooling_mode: 'mean' }, 'CONFIG_INVALID', 'embedding_dimension'],
    [{ embedding_dimension: 32, include_prompt: 'no' }, 'CONFIG_INVALID', 'include_prompt'],
    [{ embedding_dimension: 32, pooling_mode_sum_tokens: true }, 'ARCHITECTURE_UNSUPPORTED', 'pooling_mode_sum_tokens'],
  ])('%j are refused', async (settings, code, key) => {
    const folder = await copyOf('tiny/bert-nonorm');
    await editJson(folder, '1_Pooling/config.json', () => settings);
    const error = await failure(() => recordOf(folder));
    expect(error.code).toBe(code);
    expect(error.message).toContain(`1_Pooling/config.json: `);
    expect(error.message).toContain(key === 'embedding_dimension' ? 'embedding_dimension' : key);
  });

  it('are never guessed: a missing file is an error', async () => {
    const folder = await copyOf('tiny/bert-nonorm');
    await rm(path.join(folder, '1_Pooling/config.json'));
    const error = await failure(() => recordOf(folder));
    expect(error.code).toBe('MODEL_FILE_MISSING');
    expect(error.message).toContain('1_Pooling/config.json');
  });
});

describe('the steps after pooling', () => {
  it.each([
    ['torch.nn.modules.activation.Tanh', 'tanh'],
    ['torch.nn.Tanh', 'tanh'],
    ['torch.nn.modules.linear.Identity', 'identity'],
    ['torch.nn.modules.activation.ReLU', 'relu'],
    ['torch.nn.modules.activation.GELU', 'gelu'],
    ['torch.nn.modules.activation.Sigmoid', 'sigmoid'],
    ['torch.nn.modules.activation.SiLU', 'silu'],
  ])('Dense with %s is %s', async (name, activation) => {
    const folder = await copyOf('tiny/bert-dense');
    await editJson(folder, '2_Dense/config.json', (config) => ({ ...config, activation_function: name }));
    expect((await recordOf(folder)).pipeline[1]).toMatchObject({ activation });
  });

  it.each<[object, string, string]>([
    [{ activation_function: 'torch.nn.modules.activation.Softplus' }, 'ARCHITECTURE_UNSUPPORTED', 'Softplus'],
    [{ activation_function: 'os.system' }, 'ARCHITECTURE_UNSUPPORTED', 'os.system'],
    [{ activation_function: null }, 'CONFIG_INVALID', 'activation_function'],
    [{ module_input_name: 'token_embeddings' }, 'ARCHITECTURE_UNSUPPORTED', 'module_input_name'],
    [{ use_residual: true }, 'ARCHITECTURE_UNSUPPORTED', 'use_residual'],
    [{ in_features: 31 }, 'CONFIG_INVALID', 'in_features'],
    [{ out_features: 2.5 }, 'CONFIG_INVALID', 'out_features'],
  ])('Dense with %j is refused', async (change, code, mention) => {
    const folder = await copyOf('tiny/bert-dense');
    await editJson(folder, '2_Dense/config.json', (config) => ({ ...config, ...change }));
    const error = await failure(() => recordOf(folder));
    expect(error.code).toBe(code);
    expect(error.message).toContain('2_Dense/config.json');
    expect(error.message).toContain(mention);
  });

  const module = (name: string, modulePath: string, type: string): object => ({ idx: 0, name, path: modulePath, type });
  const kin = (kind: string): string => `sentence_transformers.models.${kind}`;
  const start = [module('0', '', kin('Transformer')), module('1', '1_Pooling', kin('Pooling'))];

  it('LayerNorm is read and Dropout does nothing', async () => {
    const folder = await copyOf('tiny/bert-dense');
    await writeFile(path.join(folder, '2_Dense/config.json'), '{"dimension": 32, "dropout": 0.5}');
    await editJson(folder, 'modules.json', () => [
      ...start,
      module('2', '2_Dense', kin('Dropout')),
      module('3', './2_Dense/', kin('LayerNorm')),
    ]);
    expect((await recordOf(folder)).pipeline.slice(1)).toEqual([{ kind: 'layernorm', path: '2_Dense', dimension: 32 }]);
  });

  it.each<[string, object[], string, string[]]>([
    ['no pooling', start.slice(0, 1), 'FORMAT_INVALID', ['Pooling']],
    ['no transformer', start.slice(1), 'FORMAT_INVALID', ['Transformer']],
    ['two transformers', [...start, module('2', '', kin('Transformer'))], 'FORMAT_INVALID', ['Transformer']],
    ['a step before pooling', [start[0] ?? {}, module('2', '2_Dense', kin('Dense'))], 'FORMAT_INVALID', ['Pooling']],
    ['a name twice', [...start, module('1', '', kin('Normalize'))], 'FORMAT_INVALID', ['name']],
    ['an empty list', [], 'FORMAT_INVALID', ['array']],
    [
      'a foreign class',
      [...start, module('2', '', 'custom_code.Normalize')],
      'ARCHITECTURE_UNSUPPORTED',
      ['type', 'custom_code.Normalize'],
    ],
    ...[
      'CNN',
      'LSTM',
      'WeightedLayerPooling',
      'Asym',
      'Router',
      'StaticEmbedding',
      'BoW',
      'CLIPModel',
      'SpladePooling',
    ].map((kind): [string, object[], string, string[]] => [
      `a ${kind} module`,
      [...start, module('2', '', kin(kind))],
      'ARCHITECTURE_UNSUPPORTED',
      ['type', kind],
    ]),
    ...['a\\b', 'C:/x', 'a\0b', 'a/..', '..'].map((bad): [string, object[], string, string[]] => [
      `the path ${JSON.stringify(bad)}`,
      [...start, module('2', bad, kin('Normalize'))],
      'FORMAT_INVALID',
      ['path'],
    ]),
  ])('modules.json with %s is refused', async (_what, modules, code, mentions) => {
    const folder = await copyOf('tiny/bert-dense');
    await editJson(folder, 'modules.json', () => modules);
    const error = await failure(() => recordOf(folder));
    expect(error.code).toBe(code);
    for (const mention of ['modules.json', ...mentions]) expect(error.message).toContain(mention);
  });
});

describe('prompts and use', () => {
  const use = async (settings: object): Promise<ModelRecord> => {
    const folder = await copyOf('tiny/bert-mean');
    await editJson(folder, 'config_sentence_transformers.json', () => settings);
    return recordOf(folder);
  };

  it('accepts a built-in prompt that is not saved as the default; it is empty', async () => {
    expect(await use({ default_prompt_name: 'query' })).toMatchObject({
      defaultPromptName: 'query',
      prompts: { query: '' },
    });
  });

  it('takes a prompt of any name as data', async () => {
    const record = await use({ prompts: JSON.parse('{"__proto__": "p: ", "query": null}') as object });
    expect(Object.entries(record.prompts)).toEqual([
      ['__proto__', 'p: '],
      ['query', ''],
    ]);
  });

  it('leaves out a cut that changes nothing', async () => {
    expect((await use({ truncate_dim: 32 })).truncateDimension).toBeUndefined();
    expect((await use({ truncate_dim: 31 })).truncateDimension).toBe(31);
  });

  it.each<[object, string, string]>([
    [{ default_prompt_name: 'passage', prompts: { query: 'q' } }, 'CONFIG_INVALID', 'default_prompt_name'],
    [{ prompts: { query: 3 } }, 'CONFIG_INVALID', 'query'],
    [{ prompts: ['q'] }, 'CONFIG_INVALID', 'prompts'],
    [{ truncate_dim: 0 }, 'CONFIG_INVALID', 'truncate_dim'],
    [{ similarity_fn_name: 'maxsim' }, 'ARCHITECTURE_UNSUPPORTED', 'maxsim'],
    [{ model_type: 'SparseEncoder' }, 'ARCHITECTURE_UNSUPPORTED', 'SparseEncoder'],
  ])('%j is refused', async (settings, code, mention) => {
    const error = await failure(() => use(settings));
    expect(error.code).toBe(code);
    expect(error.message).toContain('config_sentence_transformers.json');
    expect(error.message).toContain(mention);
  });
});

describe('other kinds of models are refused, naming what isovec does not run', () => {
  it.each([
    ['splade', 'SpladePooling'],
    ['static', 'StaticEmbedding'],
    ['cross-encoder', 'sequence-classification'],
    ['distilbert', 'distilbert'],
    ['qwen3', 'qwen3'],
  ])('%s', async (name, mention) => {
    const error = await failure(() => recordOf(fixture(`tiny/${name}`)));
    expect(error.code).toBe('ARCHITECTURE_UNSUPPORTED');
    expect(error.message).toContain(mention);
  });

  it.each<[object, string]>([
    [{ is_decoder: true }, 'is_decoder'],
    [{ position_embedding_type: 'relative_key' }, 'position_embedding_type'],
    [{ auto_map: { AutoModel: 'org/code--modeling.Model' } }, 'auto_map'],
    [{ quantization_config: { bits: 4 } }, 'quantization_config'],
    [{ pruned_heads: { 0: [1] } }, 'pruned_heads'],
  ])('config.json with %j', async (change, key) => {
    const folder = await copyOf('tiny/bert-mean');
    await editJson(folder, 'config.json', (config) => ({ ...config, ...change }));
    const error = await failure(() => recordOf(folder));
    expect(error.code).toBe('ARCHITECTURE_UNSUPPORTED');
    expect(error.message).toContain(`config.json: ${key}`);
  });

  it.each<[object, string]>([
    [{ query_expansion: { length: 32 } }, 'query_expansion'],
    [
      { modality_config: { message: { method: 'forward', method_output_name: 'last_hidden_state' } } },
      'modality_config',
    ],
    [{ module_output_name: 'sentence_embedding' }, 'module_output_name'],
    [{ config_args: { hidden_act: 'relu' } }, 'config_args'],
    [{ processing_kwargs: { text: { add_special_tokens: false } } }, 'processing_kwargs'],
    [{ normalize_text: true }, 'normalize_text'],
  ])('sentence_bert_config.json with %j', async (settings, key) => {
    const folder = await copyOf('tiny/bert-mean');
    await editJson(folder, 'sentence_bert_config.json', () => settings);
    const error = await failure(() => recordOf(folder));
    expect(error.code).toBe('ARCHITECTURE_UNSUPPORTED');
    expect(error.message).toContain('sentence_bert_config.json');
    expect(error.message).toContain(key);
  });

  it('an adapter that would change the weights', async () => {
    const folder = await copyOf('tiny/bert-mean');
    await writeFile(path.join(folder, 'adapter_config.json'), '{}');
    expect((await failure(() => recordOf(folder))).message).toContain('adapter_config.json');
  });

  it('an empty folder lacks config.json', async () => {
    const folder = await temporaryFolder();
    const error = await failure(() => recordOf(folder));
    expect(error).toMatchObject({ code: 'MODEL_FILE_MISSING' });
    expect(error.message).toContain('config.json');
  });
});
