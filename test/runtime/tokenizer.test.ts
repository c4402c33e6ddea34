import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

import { listFolderFiles } from '#src/models/folder-files.js';
import { readModelRecord } from '#src/models/model-config/read-model-record.js';
import { readTokenizerDefinition } from '#src/models/tokenizer-definition/read-tokenizer-definition.js';
import type { TokenizerDefinition } from '#src/models/tokenizer-definition/tokenizer-definition.js';
import { TextTokenizer } from '#src/runtime/tokenizer.js';
import { IsovecError } from '#src/shared/isovec-error.js';
import { describe, expect, it } from 'vitest';

interface Expected {
  readonly settings: { readonly max_seq_length: number };
  readonly texts: readonly string[];
  readonly input_ids: readonly (readonly number[])[];
  readonly cases?: readonly { readonly call: string; readonly input_ids?: readonly (readonly number[])[] }[];
}

const FIXTURES = fileURLToPath(new URL('../fixtures/', import.meta.url));
const GOLDEN = fileURLToPath(
  new URL('../../data/validation/sentence-transformers--all-MiniLM-L6-v2/', import.meta.url),
);
const TINY = readdirSync(`${FIXTURES}tiny`);
const BERTS = TINY.filter((name) => name.startsWith('bert-'));
/** Models whose graph may not be supported yet, but whose tokens must be right already. */
const OTHERS = [
  'distilbert',
  'mpnet',
  'nomic-bert',
  'modernbert',
  'roberta',
  'xlm-roberta',
  'xlm-roberta-tokcfg',
  'qwen3',
];

function expectedOf(name: string): Expected {
  return JSON.parse(readFileSync(`${FIXTURES}tiny/${name}/expected.json`, 'utf8')) as Expected;
}

/** Lines of the golden set that the package ships. */
function goldenLines(name: string): string[] {
  return readFileSync(GOLDEN + name, 'utf8')
    .trimEnd()
    .split('\n');
}

async function definitionOf(name: string): Promise<TokenizerDefinition> {
  const config = JSON.parse(readFileSync(`${FIXTURES}${name}/config.json`, 'utf8')) as { model_type: string };
  const model = { transformerPath: '', modelType: config.model_type, transformerConfig: { ...config } };
  return readTokenizerDefinition(await listFolderFiles(FIXTURES + name), model);
}

async function idsOf(tokenizer: TextTokenizer, texts: readonly string[]): Promise<number[][]> {
  return (await tokenizer.encodeBatch(texts)).map((text) => [...text.ids]);
}

/** The prompt that a recorded Python call puts before the texts. */
function promptOf(call: string, prompts: Readonly<Record<string, string>>, defaultPrompt: string): string {
  const explicit = /prompt='([^']*)'/.exec(call)?.[1];
  if (explicit !== undefined) return explicit;
  const name = /prompt_name='([^']*)'/.exec(call)?.[1];
  if (name !== undefined) return prompts[name] ?? '';
  if (call.includes('encode_query')) return prompts['query'] ?? '';
  if (call.includes('encode_document')) return prompts['document'] ?? prompts['passage'] ?? '';
  return defaultPrompt;
}

describe('token ids of the tiny checkpoints are those of Python', () => {
  it.each(BERTS)('%s, with each prompt', async (name) => {
    const record = await readModelRecord(await listFolderFiles(`${FIXTURES}tiny/${name}`));
    const expected = expectedOf(name);
    const tokenizer = await TextTokenizer.load(await definitionOf(`tiny/${name}`), record.maxSequenceLength);
    const defaultPrompt = record.prompts[record.defaultPromptName ?? ''] ?? '';
    expect(
      await idsOf(
        tokenizer,
        expected.texts.map((text) => defaultPrompt + text),
      ),
    ).toEqual(expected.input_ids);
    for (const { call, input_ids } of expected.cases ?? []) {
      if (input_ids === undefined) continue;
      const prompt = promptOf(call, record.prompts, defaultPrompt);
      expect(
        await idsOf(
          tokenizer,
          expected.texts.map((text) => prompt + text),
        ),
        call,
      ).toEqual(input_ids);
    }
  });

  it('cases with prompts were among them', () => {
    const cases = BERTS.flatMap((name) => expectedOf(name).cases ?? []);
    expect(cases.filter((item) => item.input_ids !== undefined && item.call.includes('prompt')).length).toBeGreaterThan(
      10,
    );
  });

  it.each(OTHERS)('%s', async (name) => {
    const expected = expectedOf(name);
    const tokenizer = await TextTokenizer.load(await definitionOf(`tiny/${name}`), expected.settings.max_seq_length);
    expect(await idsOf(tokenizer, expected.texts)).toEqual(expected.input_ids);
  });
});

describe('all-MiniLM-L6-v2', () => {
  const golden = goldenLines('texts.jsonl').map((line) => JSON.parse(line) as { id: string; text: string });
  const tokens = goldenLines('tokens.jsonl').map(
    (line) => JSON.parse(line) as { id: string; input_ids: number[]; untruncated_length: number },
  );

  it('gives the ids, lengths and truncation of all golden texts', async () => {
    expect(golden).toHaveLength(326);
    const tokenizer = await TextTokenizer.load(await definitionOf('minilm/model'), 256);
    const results = await tokenizer.encodeBatch(golden.map(({ text }) => text));
    for (const [index, result] of results.entries()) {
      const expected = tokens[index];
      expect(expected?.id).toBe(golden[index]?.id);
      expect([...result.ids], golden[index]?.id).toEqual(expected?.input_ids);
      expect(result.tokenCount).toBe(expected?.input_ids.length);
      expect(result.fullTokenCount).toBe(expected?.untruncated_length);
      expect(result.truncated).toBe(result.fullTokenCount > 256);
    }
    expect(results.some((result) => result.truncated)).toBe(true);
  });

  it('counts and cuts around the limit to the token, keeping [CLS] and [SEP]', async () => {
    const tokenizer = await TextTokenizer.load(await definitionOf('minilm/model'), 256);
    const words = [253, 254, 255, 256, 5_000];
    const results = await tokenizer.encodeBatch(words.map((count) => 'a '.repeat(count)));
    expect(results.map(({ tokenCount }) => tokenCount)).toEqual([255, 256, 256, 256, 256]);
    expect(results.map(({ fullTokenCount }) => fullTokenCount)).toEqual([255, 256, 257, 258, 5_002]);
    expect(results.map(({ truncated }) => truncated)).toEqual([false, false, true, true, true]);
    for (const { ids } of results) expect([ids[0], ids.at(-1)]).toEqual([101, 102]);
  });

  it('gives a text the same tokens alone and among many, across slices', async () => {
    const tokenizer = await TextTokenizer.load(await definitionOf('minilm/model'), 256);
    const texts = Array.from({ length: 1_000 }, (_, i) => golden[i % golden.length]?.text ?? '');
    const all = await tokenizer.encodeBatch(texts);
    expect(all).toHaveLength(1_000);
    for (const index of [0, 255, 256, 257, 511, 999]) {
      const [alone] = await tokenizer.encodeBatch([texts[index] ?? '']);
      expect(alone).toEqual(all[index]);
    }
    expect(await tokenizer.encodeBatch([])).toEqual([]);
  });

  it('gives literal special tokens their ids, and cuts beside them all the same', async () => {
    const tokenizer = await TextTokenizer.load(await definitionOf('minilm/model'), 5);
    expect(await idsOf(tokenizer, ['[SEP] [CLS]', '[SEP][SEP][SEP][SEP]', 'a b c [SEP]'])).toEqual([
      [101, 102, 101, 102],
      [101, 102, 102, 102, 102],
      [101, 1037, 1038, 1039, 102],
    ]);
  });
});

describe('the special tokens around a text', () => {
  it.each([
    ['roberta', 8, (ids: number[]) => ids[0] === 0 && ids.at(-1) === 2],
    ['mpnet', 8, (ids: number[]) => ids[0] === 0 && ids.at(-1) === 2],
    ['qwen3', 8, (ids: number[]) => ids.at(-1) === 0 && ids[0] !== 0],
  ])('%s: stay when a text is cut', async (name, limit, stays) => {
    const tokenizer = await TextTokenizer.load(await definitionOf(`tiny/${name}`), limit);
    const [ids] = await idsOf(tokenizer, ['word '.repeat(50)]);
    expect(ids).toHaveLength(limit);
    expect(stays(ids ?? [])).toBe(true);
  });

  it('may fill the whole limit, but not exceed it', async () => {
    const definition = await definitionOf('tiny/bert-mean');
    expect(await idsOf(await TextTokenizer.load(definition, 2), ['', 'word', 'many words'])).toEqual([
      [2, 3],
      [2, 3],
      [2, 3],
    ]);
    await expect(TextTokenizer.load(definition, 1)).rejects.toMatchObject({ code: 'CONFIG_INVALID' });
  });
});

describe('the length of a prompt for pooling', () => {
  it.each([
    ['bert-prompts-exclude', 'search query: ', 8],
    ['bert-prompts-exclude', '', 0],
    // Only the token that ends the sequence is left out: [CLS] goes with the prompt.
    ['bert-prompts-exclude', 'a', 2],
  ])('%s: "%s" is %d', async (name, prompt, length) => {
    const tokenizer = await TextTokenizer.load(await definitionOf(`tiny/${name}`), 32);
    expect(await tokenizer.promptLength(prompt)).toBe(length);
  });

  it('is the limit less the last special token if the prompt fills the window', async () => {
    const tokenizer = await TextTokenizer.load(await definitionOf('tiny/bert-mean'), 8);
    expect(await tokenizer.promptLength('word '.repeat(50))).toBe(7);
  });

  it('leaves nothing out where no special token ends the text', async () => {
    const definition = await definitionOf('tiny/bert-mean');
    const bare = {
      ...definition,
      json: JSON.stringify({ ...(JSON.parse(definition.json) as object), post_processor: null }),
    };
    const tokenizer = await TextTokenizer.load(bare, 32);
    expect(await tokenizer.promptLength('a a')).toBe(2);
    expect(await tokenizer.promptLength('a [SEP]')).toBe(1);
  });
});

describe('failures', () => {
  it('a definition that the native library refuses names tokenizer.json', async () => {
    const definition = await definitionOf('tiny/bert-mean');
    for (const text of ['{}', '{"version":"1.0","model":{"type":"Syllable"}}']) {
      await expect(TextTokenizer.load({ ...definition, json: text }, 32)).rejects.toMatchObject({
        code: 'FORMAT_INVALID',
        message: expect.stringContaining('tokenizer.json') as string,
      });
    }
  });

  it('a post-processor that puts special tokens into the text is refused', async () => {
    const definition = await definitionOf('tiny/bert-mean');
    const sequence = { Sequence: { id: 'A', type_id: 0 } };
    const separator = { SpecialToken: { id: '[SEP]', type_id: 0 } };
    const document = JSON.parse(definition.json) as { post_processor: Record<string, unknown> };
    document.post_processor = { ...document.post_processor, single: [sequence, separator, sequence] };
    await expect(TextTokenizer.load({ ...definition, json: JSON.stringify(document) }, 32)).rejects.toMatchObject({
      code: 'ARCHITECTURE_UNSUPPORTED',
    });
  });

  it('a text with a token that the model has no row for fails alone, with its index', async () => {
    const definition = await definitionOf('tiny/bert-mean');
    const tokenizer = await TextTokenizer.load({ ...definition, vocabularySize: 4, highestTokenId: 419 }, 32);
    await expect(tokenizer.encodeBatch(['', '[MASK]'])).rejects.toMatchObject({
      code: 'INPUT_INVALID',
      data: { index: 1 },
    });
    expect(await idsOf(tokenizer, ['', '[PAD]'])).toEqual([
      [2, 3],
      [2, 0, 3],
    ]);
  });

  it('stops when the call is cancelled', async () => {
    const tokenizer = await TextTokenizer.load(await definitionOf('tiny/bert-mean'), 32);
    const controller = new AbortController();
    const encoding = tokenizer.encodeBatch(
      Array.from({ length: 5_000 }, () => 'a word'),
      controller.signal,
    );
    controller.abort(new Error('enough'));
    const error: unknown = await encoding.catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(IsovecError);
    expect(error).toMatchObject({ code: 'ABORTED' });
  });
});
