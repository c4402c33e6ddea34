import { rm, writeFile } from 'node:fs/promises';
import path from 'node:path';

import { listFolderFiles } from '#src/models/folder-files.js';
import {
  readTokenizerDefinition,
  type TokenizedModel,
} from '#src/models/tokenizer-definition/read-tokenizer-definition.js';
import type { TokenizerDefinition } from '#src/models/tokenizer-definition/tokenizer-definition.js';
import { TextTokenizer } from '#src/runtime/tokenizer.js';
import { describe, expect, it } from 'vitest';

import { copyOf, editJson, failure, fixtureJson } from './model-folder.js';

type Changes = Readonly<Record<string, Readonly<Record<string, unknown>>>>;

/** A changed tokenizer, and what transformers made of it; see generate.py beside the file. */
interface Variant {
  readonly name: string;
  readonly base: string;
  readonly set?: Changes;
  readonly remove?: Readonly<Record<string, readonly string[]>>;
  readonly drop?: readonly string[];
  readonly files?: Readonly<Record<string, unknown>>;
  readonly expected: {
    readonly truncation_side: string;
    readonly pad_token_id: number | null;
    readonly special_token_ids: readonly number[];
    readonly feeds_token_type_ids: boolean;
    readonly input_ids: readonly (readonly number[])[];
    readonly truncated_ids: readonly (readonly number[])[];
  };
}

interface Variants {
  readonly limit: number;
  readonly texts: readonly string[];
  readonly variants: readonly Variant[];
}

const { limit, texts, variants } = await fixtureJson<Variants>('tokenizer-variants/variants.json');

/** Variants add tokens that their base has no rows for; transformers does not look at the model. */
const SPARE_ROWS = 16;

function setAt(document: Record<string, unknown>, [name = '', ...rest]: readonly string[], value: unknown): void {
  if (rest.length === 0) document[name] = value;
  else setAt(document[name] as Record<string, unknown>, rest, value);
}

async function build(variant: Variant): Promise<string> {
  const folder = await copyOf(`tiny/${variant.base}`);
  for (const [file, members] of Object.entries(variant.set ?? {})) {
    await editJson(folder, file, (document) => {
      for (const [name, value] of Object.entries(members)) setAt(document, name.split('.'), value);
      return document;
    });
  }
  for (const [file, names] of Object.entries(variant.remove ?? {})) {
    await editJson(folder, file, (document) =>
      Object.fromEntries(Object.entries(document).filter(([name]) => !names.includes(name))),
    );
  }
  for (const file of variant.drop ?? []) await rm(path.join(folder, file));
  for (const [file, content] of Object.entries(variant.files ?? {})) {
    await writeFile(path.join(folder, file), content === 'words' ? await wordList() : JSON.stringify(content));
  }
  return folder;
}

async function wordList(): Promise<string> {
  const { model } = await fixtureJson<{ model: { vocab: Record<string, number> } }>('tiny/bert-mean/tokenizer.json');
  return Object.entries(model.vocab)
    .sort(([, a], [, b]) => a - b)
    .map(([word]) => `${word}\n`)
    .join('');
}

async function definitionOf(folder: string, spareRows = 0): Promise<TokenizerDefinition> {
  const { default: config } = (await import(path.join(folder, 'config.json'), { with: { type: 'json' } })) as {
    default: { model_type: string; vocab_size: number };
  };
  const model: TokenizedModel = {
    transformerPath: '',
    modelType: config.model_type,
    transformerConfig: { ...config, vocab_size: config.vocab_size + spareRows },
  };
  return readTokenizerDefinition(await listFolderFiles(folder), model);
}

async function idsOf(tokenizer: TextTokenizer, inputs: readonly string[]): Promise<number[][]> {
  return (await tokenizer.encodeBatch(inputs)).map((text) => [...text.ids]);
}

describe('readTokenizerDefinition builds what transformers builds', () => {
  it.each(variants)('$name', async (variant) => {
    const definition = await definitionOf(await build(variant), SPARE_ROWS);
    const { expected } = variant;
    expect(definition.truncationSide).toBe(expected.truncation_side);
    expect(definition.padTokenId).toBe(expected.pad_token_id ?? undefined);
    expect(definition.specialTokenIds).toEqual(expected.special_token_ids);
    expect(definition.feedsTokenTypeIds).toBe(expected.feeds_token_type_ids);
    expect(await idsOf(await TextTokenizer.load(definition, 10_000), texts)).toEqual(expected.input_ids);
    expect(await idsOf(await TextTokenizer.load(definition, limit), texts)).toEqual(expected.truncated_ids);
  });

  it('needs no tokenizer.json of the right shape for the same result: the definition is one itself', async () => {
    const definition = await definitionOf(await copyOf('tiny/bert-oldlayout'));
    expect(JSON.parse(definition.json)).toMatchObject({ truncation: null, padding: null, version: '1.0' });
  });
});

describe('readTokenizerDefinition refuses what it cannot follow', () => {
  it.each<[string, string, object, string, readonly string[]]>([
    [
      'a class it does not know',
      'tokenizer_config.json',
      { tokenizer_class: 'AlbertTokenizer' },
      'ARCHITECTURE_UNSUPPORTED',
      ['tokenizer_class', 'AlbertTokenizer', 'BertTokenizer'],
    ],
    [
      'a class for another vocabulary',
      'tokenizer_config.json',
      { tokenizer_class: 'XLMRobertaTokenizer' },
      'FORMAT_INVALID',
      ['tokenizer.json', 'Unigram'],
    ],
    [
      'splitting of special tokens',
      'tokenizer_config.json',
      { split_special_tokens: true },
      'ARCHITECTURE_UNSUPPORTED',
      ['split_special_tokens'],
    ],
    [
      'a setting of the wrong type',
      'tokenizer_config.json',
      { do_lower_case: 'yes' },
      'CONFIG_INVALID',
      ['tokenizer_config.json', 'do_lower_case'],
    ],
    [
      'an unknown end to truncate',
      'tokenizer_config.json',
      { truncation_side: 'middle' },
      'CONFIG_INVALID',
      ['truncation_side'],
    ],
    [
      'an unknown token outside the vocabulary',
      'tokenizer_config.json',
      { unk_token: '[NOPE]' },
      'FORMAT_INVALID',
      ['unk_token'],
    ],
    ['a token that is no token', 'tokenizer_config.json', { cls_token: 7 }, 'FORMAT_INVALID', ['cls_token']],
    [
      'added tokens that are no array',
      'tokenizer.json',
      { added_tokens: {} },
      'FORMAT_INVALID',
      ['tokenizer.json', 'added_tokens'],
    ],
    [
      'an added token beyond the model',
      'tokenizer.json',
      { added_tokens: [{ id: 420, content: 'x' }] },
      'FORMAT_INVALID',
      ['tokenizer.json', 'added_tokens', '420'],
    ],
    ['no model', 'tokenizer.json', { model: null }, 'FORMAT_INVALID', ['tokenizer.json', 'model']],
    [
      'fractional ids',
      'tokenizer.json',
      { model: { type: 'WordPiece', vocab: { a: 0.5 } } },
      'FORMAT_INVALID',
      ['model.vocab'],
    ],
  ])('%s', async (_what, file, change, code, mentions) => {
    const folder = await copyOf('tiny/bert-mean');
    await editJson(folder, file, (document) => ({ ...document, ...change }));
    const error = await failure(() => definitionOf(folder));
    expect(error.code).toBe(code);
    for (const mention of mentions) expect(error.message).toContain(mention);
  });

  it.each([0, 2])('a template that holds the text %d times', async (times) => {
    const folder = await copyOf('tiny/bert-mean');
    const template = { type: 'TemplateProcessing', single: Array(times).fill({ Sequence: { id: 'A', type_id: 0 } }) };
    await editJson(folder, 'tokenizer_config.json', (document) => ({
      ...document,
      tokenizer_class: 'TokenizersBackend',
    }));
    await editJson(folder, 'tokenizer.json', (document) => ({
      ...document,
      post_processor: { type: 'Sequence', processors: [template] },
    }));
    const error = await failure(() => definitionOf(folder));
    expect(error.code).toBe('ARCHITECTURE_UNSUPPORTED');
    expect(error.message).toContain('tokenizer.json');
    expect(error.message).toContain('post_processor');
  });

  it('a model without any vocabulary', async () => {
    const folder = await copyOf('tiny/bert-mean');
    await rm(path.join(folder, 'tokenizer.json'));
    const error = await failure(() => definitionOf(folder));
    expect(error.code).toBe('MODEL_FILE_MISSING');
    expect(error.message).toContain('tokenizer.json');
    expect(error.message).toContain('vocab.txt');
  });
});
