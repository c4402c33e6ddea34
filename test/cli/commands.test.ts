import { mkdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { jsonLines, run, type RunResult, temporaryFolder, tinyModel } from './command-line.js';

const { folder: model } = tinyModel('bert-mean');

let home: Awaited<ReturnType<typeof temporaryFolder>>;
beforeAll(async () => {
  home = await temporaryFolder();
});
afterAll(async () => {
  await home[Symbol.asyncDispose]();
});

function isovec(args: readonly string[], environment: Readonly<Record<string, string>> = {}): Promise<RunResult> {
  return run(args, {
    environment: { ISOVEC_HOME: home.path, HF_HUB_CACHE: path.join(home.path, 'no-hub-cache'), ...environment },
    cwd: home.path,
  });
}

/** The one JSON document of an output, which must be all there is. */
function onlyJson({ text }: RunResult): Record<string, unknown> {
  const documents = jsonLines(text);
  expect(documents).toHaveLength(1);
  return documents[0] ?? {};
}

function expectFits(text: string): void {
  for (const line of text.split('\n')) expect(Array.from(line).length, line).toBeLessThanOrEqual(80);
}

describe('isovec similarity', () => {
  it('gives a symmetric matrix with ones on the diagonal', async () => {
    const result = onlyJson(await isovec(['similarity', '--model', model, '--json', 'a cat', 'a dog', 'a cat']));
    expect(result).toMatchObject({ similarity: 'cosine', dimensions: 32, model });
    const scores = result['scores'] as number[][];
    expect(scores.map((row) => row.length)).toEqual([3, 3, 3]);
    for (let row = 0; row < 3; row++) {
      expect(scores[row]?.[row]).toBeCloseTo(1, 6);
      for (let column = 0; column < row; column++) expect(scores[row]?.[column]).toBe(scores[column]?.[row]);
    }
    expect(scores[0]?.[2]).toBeCloseTo(1, 6);
    expect((result['texts'] as { text: string }[]).map(({ text }) => text)).toEqual(['a cat', 'a dog', 'a cat']);
  });

  it('draws tables of 80 columns for two, eight and thirty texts, with long ones in a legend', async () => {
    for (const count of [2, 8, 30]) {
      const texts = Array.from({ length: count }, (_, index) => `text number ${index} ${'goes on '.repeat(index)}.`);
      const { code, text } = await isovec(['similarity', '--model', model, '-q', '--', ...texts]);
      expect(code).toBe(0);
      expectFits(text);
      expect(text.replaceAll(/\s+/g, ' ')).toContain(texts.at(-1));
      expect(text).toMatch(/\b1\.00/);
    }
  });

  it('needs two texts', async () => {
    const { code, stderr } = await isovec(['similarity', '--model', model, 'alone']);
    expect([code, stderr]).toEqual([2, expect.stringContaining("argument 'others'")]);
  });
});

describe('isovec convert', () => {
  it('writes a folder, says what is in it, and leaves out what it does not use', async () => {
    const out = path.join(home.path, 'onnx-folder');
    const result = onlyJson(await isovec(['convert', model, '--out', out, '--json']));
    expect(result).toMatchObject({ model, folder: out, opset: 18 });
    const names = (result['files'] as { name: string }[]).map(({ name }) => name);
    expect(names).toEqual(expect.arrayContaining(['onnx/model.onnx', 'tokenizer.json', 'config.json']));
    const text = await isovec(['convert', model, '--out', out, '--force', '--opset', '20', '-q']);
    expect([text.code, text.stderr]).toEqual([0, '']);
    expect(text.text).toContain('ONNX operator set 20');
  });

  it('writes int8 weights, and a folder of them may be replaced', async () => {
    const out = path.join(home.path, 'onnx-int8');
    const int8 = ['convert', model, '--out', out, '--dtype', 'int8'];
    expect(onlyJson(await isovec([...int8, '--json']))).toMatchObject({ graph: 'onnx/model_quantized.onnx' });
    const text = await isovec([...int8, '--force', '--weight-bits', '7']);
    expect([text.code, text.text]).toEqual([0, expect.stringContaining('weights of 7 bits')]);
    for (const [args, reason] of [
      [['--dtype', 'int8', '--weight-bits', '6'], '7, 8'],
      [['--weight-bits', '7'], '--dtype int8'],
    ] as const) {
      const { code, stderr } = await isovec(['convert', model, '--out', path.join(home.path, 'y'), ...args]);
      expect([code, stderr]).toEqual([2, expect.stringContaining(reason)]);
    }
  });

  it('overwrites only what a conversion wrote, and never what holds the model or the working folder', async () => {
    const precious = path.join(home.path, 'precious');
    await mkdir(precious, { recursive: true });
    await writeFile(path.join(precious, 'thesis.txt'), 'years of work');
    for (const [out, reason] of [
      [precious, 'holds no onnx/model.onnx'],
      [path.dirname(home.path), 'cannot be overwritten'],
      [home.path, 'cannot be overwritten'],
    ] as const) {
      const { code, stderr } = await isovec(['convert', model, '--out', out, '--force']);
      expect([code, stderr]).toEqual([2, expect.stringContaining(reason)]);
    }
    expect(await readFile(path.join(precious, 'thesis.txt'), 'utf8')).toBe('years of work');
    const plain = await isovec(['convert', model, '--out', precious]);
    expect([plain.code, plain.stderr]).toEqual([2, expect.stringContaining('not empty')]);
  });

  it('refuses an operator set that cannot be written', async () => {
    const { code, stderr } = await isovec(['convert', model, '--out', path.join(home.path, 'x'), '--opset', '7']);
    expect([code, stderr]).toEqual([2, expect.stringContaining('[CONFIG_INVALID]')]);
  });
});

describe('isovec pull', () => {
  it('describes a folder, which is used where it is', async () => {
    const result = onlyJson(await isovec(['pull', model, '--json']));
    expect(result).toMatchObject({ id: model, origin: 'folder', revision: null, attempts: [] });
    const files = result['files'] as { name: string; digest: string }[];
    expect(files.find(({ name }) => name === 'model.safetensors')).toMatchObject({ digest: 'unchecked' });
    const text = await isovec(['pull', model]);
    expect(text.code).toBe(0);
    expectFits(text.text);
  });

  it('says that a model cannot be had, with status 3 and every source that was tried', async () => {
    const { code, text, stderr } = await isovec(['pull', 'nobody/nothing', '--json']);
    expect([code, text]).toEqual([3, '']);
    const [{ error } = {}] = jsonLines(stderr);
    expect(error).toMatchObject({ code: 'MODEL_NOT_FOUND', data: { attempts: [{ source: 'own cache' }, {}] } });
  });
});

describe('isovec validate', () => {
  it('passes a sound model and writes a Markdown report beside the table', async () => {
    const report = path.join(home.path, 'report.md');
    const { code, text } = await isovec(['validate', model, '--markdown', report, '-q']);
    expect(code).toBe(0);
    expect(text).toContain('PASS');
    expectFits(text);
    expect(await readFile(report, 'utf8')).toMatch(/^# Validation of /);
  });

  it('fails with status 5 against vectors of another model', async () => {
    const other = tinyModel('bert-cls');
    const file = path.join(home.path, 'exported.json');
    await writeFile(file, JSON.stringify({ texts: other.texts, vectors: other.vectors }));
    const result = await isovec(['validate', model, '--against', file, '--json']);
    expect(result.code).toBe(5);
    expect(onlyJson(result)).toMatchObject({ verdict: 'fail', model });
    const same = await isovec(['validate', other.folder, '--against', file, '--json']);
    expect(same.code).toBe(0);
  });

  it('refuses a tolerance that is no number', async () => {
    expect((await isovec(['validate', model, '--tolerance', 'much'])).code).toBe(2);
  });
});

describe('isovec models', () => {
  it('describes a folder with what it computes', async () => {
    const result = onlyJson(await isovec(['models', 'show', model, '--json']));
    expect(result).toMatchObject({ loadable: true, dimensions: 32, maxTokens: 32, pooling: ['mean'], licence: null });
    expect((result['space'] as { fingerprint: string }).fingerprint).toMatch(/^[0-9a-f]{64}$/);
    const text = await isovec(['models', 'show', model]);
    expectFits(text.text);
    expect(text.text).toContain('cosine');
  });

  it('describes a model that cannot be loaded, and says why', async () => {
    const broken = path.resolve(import.meta.dirname, '../fixtures/hostile/weights-nan');
    const result = onlyJson(await isovec(['models', 'show', broken, '--json']));
    expect(result).toMatchObject({ loadable: false, error: { code: 'FORMAT_INVALID' } });
  });

  it('lists what is in the cache: nothing at first', async () => {
    const cache = path.join(home.path, 'empty-cache');
    expect(onlyJson(await isovec(['models', 'list', '--json', '--cache', cache]))).toEqual({
      cache,
      models: [],
      environments: [],
    });
    const { code, text, stderr } = await isovec(['models', 'list', '--cache', cache]);
    expect([code, text, stderr]).toEqual([0, '', `0 models, 0 B, in ${cache}\n`]);
  });

  it('lists a model whose name is longer than the terminal is wide, within it', async () => {
    const cache = path.join(home.path, 'full-cache');
    const id = `${'o'.repeat(90)}/${'n'.repeat(90)}`;
    const folder = path.join(cache, 'snapshots', id.replace('/', '--'), 'main');
    await mkdir(folder, { recursive: true });
    const files = [{ name: 'config.json', size: 2, sha256: 'a'.repeat(64) }];
    const manifest = {
      format: 1,
      id,
      revision: 'f'.repeat(40),
      origin: 'hub',
      from: 'a hub',
      createdAt: '2026-01-01',
      files,
    };
    await writeFile(path.join(folder, 'snapshot.json'), JSON.stringify(manifest));
    const { text } = await isovec(['models', 'list', '--cache', cache]);
    expect(text).toContain('2 B, hub, 2026-01-01');
    expectFits(text);
  });
});

describe('isovec doctor', () => {
  it('finds a healthy installation and hides secrets', async () => {
    const environment = {
      HF_TOKEN: 'hf_secret',
      HF_ENDPOINT: 'http://user:password@127.0.0.1:9',
      ISOVEC_API_KEYS: 'sk-secret',
      ISOVEC_QDRANT_API_KEY: 'qk-secret',
    };
    const result = await isovec(['doctor', '--json'], environment);
    expect(result.code).toBe(0);
    const { healthy, findings } = onlyJson(result);
    expect(healthy).toBe(true);
    const statuses = new Map((findings as { name: string; status: string }[]).map((one) => [one.name, one.status]));
    for (const name of ['Node.js', 'onnxruntime-node', 'tokenizers', 'devices', 'cache', 'HF_TOKEN', 'HF_ENDPOINT']) {
      expect([name, statuses.get(name)]).toEqual([name, 'ok']);
    }
    expect(result.text).not.toMatch(/-secret|hf_secret|password/);
  });

  it('warns of a hub that cannot be reached without hiding the rest', async () => {
    const environment = { ISOVEC_OFFLINE: '0', HF_ENDPOINT: 'http://user:password@127.0.0.1:9' };
    const { code, text } = await isovec(['doctor'], environment);
    expect(code).toBe(0);
    expect(text).toMatch(/^warn +model hub/m);
    expect(text).not.toContain('password');
    expectFits(text);
  });

  it('starts itself anew with --timing, and says where the time to a first vector goes', async () => {
    const environment = { ISOVEC_OUT: path.join(home.path, 'not-written') };
    const result = await isovec(['doctor', '--timing', '--json', '--quiet', '--model', model], environment);
    expect([result.code, result.stderr]).toEqual([0, '']);
    const { coldStart } = onlyJson(result);
    const { runs, firstByte, steps } = coldStart as {
      runs: number;
      firstByte: { median: number; fastest: number; slowest: number };
      steps: { name: string; milliseconds: number; at: number; parts: Record<string, number> }[];
    };
    expect(runs).toBeGreaterThanOrEqual(5);
    expect(steps.map(({ name }) => name)).toEqual([
      'command line read',
      'model loaded',
      'first vector',
      'printed',
      'everything done',
    ]);
    const parts = { ...steps[0]?.parts, ...steps[1]?.parts };
    const named = ['Node itself', 'isovec', 'obtain', 'prepare', 'engine', 'session', 'tokenizer', 'warm-up'];
    expect(Object.keys(parts)).toEqual(expect.arrayContaining(named));
    for (const name of named.slice(0, -1)) expect(parts[name], name).toBeGreaterThan(0);
    // A process is there before it can count its own time.
    expect(firstByte.fastest).toBeLessThanOrEqual(firstByte.median);
    expect(firstByte.median).toBeLessThanOrEqual(firstByte.slowest);
    expect(firstByte.slowest).toBeGreaterThan(steps[2]?.milliseconds ?? 0);
  });

  it('tells people why a model cannot be timed, and the rest all the same', async () => {
    const { code, text, stderr } = await isovec(['doctor', '--timing', '-q', '--model', 'nobody/nothing']);
    expect([code, stderr]).toEqual([0, '']);
    expect(text).toMatch(/^warn +cold start +nobody\/nothing is in no cache/m);
    expectFits(text);
    const table = await isovec(['doctor', '--timing', '-q', '--model', model]);
    expect(table.text).toMatch(/^step +took +over at\ncommand line read +[\d.]+ ms +[\d.]+ ms\n/m);
  });

  it('fails with status 1 if the cache cannot be there', async () => {
    const file = path.join(home.path, 'a-file');
    await writeFile(file, '');
    const { code, text } = await isovec(['doctor', '--cache', path.join(file, 'cache')]);
    expect(code).toBe(1);
    expect(text).toMatch(/^fail +cache/m);
  });
});
