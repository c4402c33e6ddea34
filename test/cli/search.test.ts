import { copyFile, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { loadModel } from '#src/engine/load-model.js';
import { similarityMatrix } from '#src/vector/index.js';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { jsonLines, run, type RunResult, temporaryFolder, tinyModel } from './command-line.js';

const { folder: model, texts: all } = tinyModel('bert-prompts');
const other = tinyModel('bert-mean').folder;
const texts = all.filter((text) => text.trim() !== '' && !/[\r\n]/.test(text)).slice(0, 12);

let home: Awaited<ReturnType<typeof temporaryFolder>>;
const inHome = (name: string): string => path.join(home.path, name);

function isovec(args: readonly string[], environment: Readonly<Record<string, string>> = {}): Promise<RunResult> {
  return run(args, { environment: { ISOVEC_HOME: inHome('cache'), ...environment }, cwd: home.path });
}

beforeAll(async () => {
  home = await temporaryFolder();
  await writeFile(inHome('texts.txt'), texts.map((text) => `${text}\n`).join(''));
  await writeFile(
    inHome('rows.jsonl'),
    texts.map((body, id) => `${JSON.stringify({ id, body, lang: 'en' })}\n`).join(''),
  );
  for (const name of ['vectors.npy', 'vectors.f32']) {
    expect(await isovec(['embed', '--in', 'texts.txt', '--out', name, '--model', model])).toMatchObject({ code: 0 });
  }
  for (const name of ['vectors.parquet', 'vectors.jsonl']) {
    const args = ['embed', '--in', 'rows.jsonl', '--column', 'body', '--out', name, '--model', model];
    expect(await isovec(args)).toMatchObject({ code: 0 });
  }
});
afterAll(() => home[Symbol.asyncDispose]());

interface Found {
  readonly model: string;
  readonly results: readonly {
    readonly rank: number;
    readonly row: number;
    readonly score: number;
    readonly text?: string;
    readonly values?: Readonly<Record<string, unknown>>;
  }[];
}

async function found(args: readonly string[]): Promise<Found> {
  const { code, text, stderr } = await isovec(['search', '--json', ...args]);
  expect(code, stderr).toBe(0);
  const [document] = jsonLines(text);
  return document as unknown as Found;
}

describe('isovec search', () => {
  it('finds with the model that made the vectors what the library finds, in every format, with the texts', async () => {
    await using embedder = await loadModel(model, { cache: inHome('cache'), offline: true, threads: 1 });
    const [query, documents] = [await embedder.encodeQuery('a query'), await embedder.encodeBatch(texts)];
    const scores = similarityMatrix(query, documents, 'cosine').data;
    const order = [...scores.keys()].sort((a, b) => (scores[b] ?? 0) - (scores[a] ?? 0) || a - b).slice(0, 5);
    for (const name of ['vectors.npy', 'vectors.f32', 'vectors.parquet', 'vectors.jsonl']) {
      const { model: used, results } = await found(['a query', '--in', name, '-k', '5']);
      expect([name, used, results.map(({ rank, row }) => [rank, row])]).toEqual([
        name,
        model,
        order.map((index, rank) => [rank + 1, index + 1]),
      ]);
      for (const { row, score, text, values } of results) {
        expect(Math.abs(score - (scores[row - 1] ?? 0))).toBeLessThan(2e-6);
        expect(text).toBe(texts[row - 1]);
        expect(values).toEqual(/npy|f32/.test(name) ? {} : { id: row - 1, lang: 'en' });
      }
    }
  });

  it('puts the prompt for queries in front of the query, unless another one is asked for', async () => {
    const scoresWith = async (...args: string[]): Promise<number[]> =>
      (await found(['a query', '--in', 'vectors.npy', '-k', '100', ...args])).results.map(({ score }) => score);
    const usual = await scoresWith();
    expect(usual).toHaveLength(texts.length);
    expect(await scoresWith('--prompt-name', 'query')).toEqual(usual);
    expect(await scoresWith('--prompt', '')).not.toEqual(usual);
  });

  it('prints a table of 80 columns, the best first, and leaves out what scores too little', async () => {
    const { code, text, stderr } = await isovec([
      'search',
      texts[2] ?? '',
      '--prompt',
      '',
      '--in',
      'vectors.npy',
      '-k',
      '3',
    ]);
    expect([code, stderr]).toEqual([0, '']);
    const lines = text.trimEnd().split('\n');
    expect(lines).toHaveLength(4);
    expect(lines[0]).toMatch(/^# {2}score {2}row {2}text$/);
    expect(lines[1]).toMatch(/^1 {2}1\.000 {4}3 {2}/);
    for (const line of lines) expect(Array.from(line).length).toBeLessThanOrEqual(80);
    const none = await isovec(['search', 'x', '--in', 'vectors.npy', '--min-score', '2']);
    expect([none.code, none.text, none.stderr]).toEqual([0, '', expect.stringContaining('Nothing was found')]);
  });

  it('takes a model from the command line only if its vectors are the same, and no other setting over the file', async () => {
    const wrong = await isovec(['search', 'x', '--in', 'vectors.npy', '--model', other]);
    expect([wrong.code, wrong.stderr]).toEqual([2, expect.stringContaining('SPACE_MISMATCH')]);
    const fromEnvironment = await isovec(['search', 'x', '--in', 'vectors.npy'], { ISOVEC_MODEL: other });
    expect(fromEnvironment.code, fromEnvironment.stderr).toBe(0);
  });

  it('embeds the query with the weights of the file, and mixes them only if it is told to', async () => {
    const int8 = ['embed', '--in', 'texts.txt', '--out', 'int8.npy', '--model', model, '--dtype', 'int8'];
    expect(await isovec(int8)).toMatchObject({ code: 0 });
    const query = texts[2] ?? '';
    const scoreOf = async (file: string, ...args: string[]): Promise<number> => {
      const { results } = await found([query, '--in', file, '--prompt', '', '-k', '1', ...args]);
      return results[0]?.score ?? Number.NaN;
    };
    expect(await scoreOf('int8.npy')).toBeCloseTo(1, 6);
    const mixed = await isovec(['search', query, '--in', 'int8.npy', '--dtype', 'float32']);
    expect([mixed.code, mixed.stderr]).toEqual([2, expect.stringMatching(/--any-dtype.*SPACE_MISMATCH/s)]);
    const near = await scoreOf('int8.npy', '--dtype', 'float32', '--any-dtype');
    expect(near).toBeGreaterThan(0.99);
    expect(near).not.toBeCloseTo(1, 6);
    // A setting for all commands does not stand above what the file says.
    expect((await isovec(['search', query, '--in', 'int8.npy'], { ISOVEC_DTYPE: 'float32' })).code).toBe(0);
    const unknown = await isovec(['embed', 'x', '--model', model, '--dtype', 'int4']);
    expect([unknown.code, unknown.stderr]).toEqual([2, expect.stringContaining('float32, int8')]);
  });

  it('says what is missing where the model of the file is gone', async () => {
    await mkdir(inHome('moved'), { recursive: true });
    const metadata = (await readFile(inHome('vectors.npy.meta.json'), 'utf8')).replace(
      JSON.stringify(model),
      JSON.stringify(inHome('no-such-model')),
    );
    await copyFile(inHome('vectors.npy'), inHome('moved/vectors.npy'));
    await writeFile(inHome('moved/vectors.npy.meta.json'), metadata);
    const { code, stderr } = await isovec(['search', 'x', '--in', 'moved/vectors.npy']);
    expect(code).toBe(3);
    expect(stderr).toMatch(/was made with the model .*no-such-model.*--model/);
  });

  it('without metadata compares dimensions, and says that nothing proves the rest', async () => {
    await copyFile(inHome('vectors.npy'), inHome('bare.npy'));
    const bare = await isovec(['search', 'x', '--in', 'bare.npy', '--model', model, '--texts', 'texts.txt']);
    expect(bare.code, bare.stderr).toBe(0);
    expect(bare.stderr).toContain('nothing proves');
    expect(bare.text).toContain(
      Array.from(texts[0] ?? '')
        .slice(0, 20)
        .join(''),
    );
    await copyFile(inHome('vectors.f32'), inHome('bare.f32'));
    const cut = ['search', 'x', '--in', 'bare.f32', '--model', model, '--dimensions'];
    expect((await isovec([...cut, '16'])).code).toBe(0);
    const more = await isovec([...cut, String(32 * texts.length)]);
    expect([more.code, more.stderr]).toEqual([2, expect.stringMatching(/have 352 dimensions.*SPACE_MISMATCH/)]);
  });

  it('gives no texts rather than wrong ones where the source has changed', async () => {
    await mkdir(inHome('changed'), { recursive: true });
    for (const name of ['vectors.npy', 'vectors.npy.meta.json'])
      await copyFile(inHome(name), inHome(`changed/${name}`));
    await writeFile(inHome('changed/texts.txt'), 'one line\n');
    const { code, text, stderr } = await isovec(['search', 'x', '--in', 'changed/vectors.npy', '-k', '1']);
    expect([code, stderr]).toEqual([0, expect.stringMatching(/warning: No texts are shown: .*1 rows.*--texts/)]);
    expect(text).not.toContain('one line');
    await rm(inHome('changed/texts.txt'));
    expect((await isovec(['search', 'x', '--in', 'changed/vectors.npy'])).code).toBe(0);
  });

  it.each([
    [['--in', 'none.npy'], /none\.npy does not exist/],
    [['--in', 'texts.txt'], /does not say/],
    [['--in', 'vectors.npy', '-k', '0'], /whole number of at least 1/],
    [['--in', 'vectors.npy', '--min-score', 'high'], /must be a number/],
    [['--in', 'vectors.npy', '--texts', 'none.txt'], /none\.txt does not exist/],
    [['--in', 'vectors.parquet', '--column', 'boddy'], /no column "boddy".*"body"/],
    [['--in', 'vectors.parquet', '--vector-column', 'v'], /no column "v"/],
    [['--in', 'vectors.npy', '--prompt-name', 'nope'], /no prompt named "nope"/],
    [[], /required option '--in/i],
  ])('refuses %j', async (args, message) => {
    const { code, stderr, text } = await isovec(['search', 'x', ...args]);
    expect([code, text]).toEqual([2, '']);
    expect(stderr).toMatch(message);
  });

  it('refuses a file that is cut short', async () => {
    const bytes = await readFile(inHome('vectors.npy'));
    await writeFile(inHome('short.npy'), bytes.subarray(0, -5));
    const { code, stderr } = await isovec(['search', 'x', '--in', 'short.npy', '--model', model]);
    expect([code, stderr]).toEqual([4, expect.stringMatching(/short\.npy holds .* bytes of data.*FORMAT_INVALID/)]);
  });
});
