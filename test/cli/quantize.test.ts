import { once } from 'node:events';
import { readdir, readFile, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';

import { loadModel } from '#src/index.js';
import { describe, expect, it } from 'vitest';

import { finished, jsonLines, run, type RunResult, start, temporaryFolder, tinyModel } from './command-line.js';

const MODEL = tinyModel('bert-mean').folder;
const REPORT = 'quantization-report.json';
const COLUMNS = 80;

interface Report {
  readonly folder: string;
  readonly evaluated: boolean;
  readonly quantization: { recipe: string; calibration: string | null; weightBits: number };
  readonly cosine: { mean: number; p1: number; min: number };
  readonly neighbours: { count: number; int8: number; queries: number };
  readonly bytes: { int8: number; float32: number };
  readonly speed: { ratio: number };
  readonly digests: { weights: string; graph: string };
}

function quantize(cache: string, ...args: string[]): Promise<RunResult> {
  return run(['quantize', MODEL, '--threads', '1', '--cache', cache, ...args]);
}

async function quantized(cache: string, ...args: string[]): Promise<Report> {
  const { code, text, stderr } = await quantize(cache, '--json', ...args);
  expect([code, stderr]).toEqual([0, expect.anything()]);
  return jsonLines(text)[0] as unknown as Report;
}

describe('isovec quantize', () => {
  it('makes a model int8, measures it, and stores the report beside the weights', async () => {
    await using cache = await temporaryFolder();
    const report = await quantized(cache.path, '--weight-bits', '8');
    expect(report).toMatchObject({
      model: MODEL,
      revision: null,
      evaluated: true,
      texts: 260,
      quantization: { recipe: 'calibrated', weightBits: 8 },
      speed: { threads: 1 },
    });
    const { cosine, neighbours, bytes, speed, digests, folder } = report;
    expect(cosine.min).toBeGreaterThan(0.99);
    expect(cosine.p1).toBeGreaterThanOrEqual(cosine.min);
    expect(cosine.mean).toBeGreaterThan(cosine.p1);
    expect(cosine.mean).toBeLessThan(1);
    expect(neighbours.count).toBe(10);
    for (const share of [neighbours.int8, neighbours.queries]) {
      expect(share).toBeGreaterThan(0.8);
      expect(share).toBeLessThan(1);
    }
    expect(speed.ratio).toBeGreaterThan(0);
    const sizes = await Promise.all(
      ['weights.i8', 'graph.onnx'].map(async (name) => (await stat(path.join(folder, name))).size),
    );
    expect(bytes.int8).toBe(sizes.reduce((sum, size) => sum + size, 0));
    expect(bytes.float32).toBeGreaterThan(bytes.int8);
    expect(report.quantization.calibration).toMatch(/^[0-9a-f]{64}$/);
    expect(digests.graph).toMatch(/^[0-9a-f]{64}$/);

    await using model = await loadModel(MODEL, { cache: cache.path, dtype: 'int8', weightBits: 8, threads: 1 });
    expect({ ...model.info().quantizationReport, folder, evaluated: true }).toEqual(report);
    await using float = await loadModel(MODEL, { cache: cache.path, threads: 1 });
    expect(float.info().quantizationReport).toBeUndefined();
  });

  it('measures once, and with --force makes the same bytes again', async () => {
    await using cache = await temporaryFolder();
    const first = await quantized(cache.path);
    expect(await quantized(cache.path)).toEqual({ ...first, evaluated: false });
    const before = await stat(path.join(first.folder, 'weights.i8'), { bigint: true });
    const again = await quantized(cache.path, '--force');
    const after = await stat(path.join(first.folder, 'weights.i8'), { bigint: true });
    expect(after.ctimeNs).toBeGreaterThan(before.ctimeNs);
    expect(again).toMatchObject({ evaluated: true, folder: first.folder, digests: first.digests });
    expect([again.cosine, again.neighbours]).toEqual([first.cosine, first.neighbours]);
    expect(await readdir(path.join(cache.path, 'tmp'))).toEqual([]);
  });

  it.each([
    ['damaged', (text: string) => text.replace('"texts":260', '"texts":261')],
    ['cut', (text: string) => text.slice(0, 200)],
  ])('measures again where the stored report is %s', async (_, damage) => {
    await using cache = await temporaryFolder();
    const { folder, digests } = await quantized(cache.path);
    const file = path.join(folder, REPORT);
    const text = await readFile(file, 'utf8');
    await writeFile(file, damage(text));
    expect(await quantized(cache.path)).toMatchObject({ evaluated: true, digests, texts: 260 });
    expect((await readFile(file, 'utf8')).length).toBeGreaterThan(200);
  });

  it('rounds without calibration, and keeps the forms apart', async () => {
    await using cache = await temporaryFolder();
    const rounded = await quantized(cache.path, '--calibration', 'none', '--weight-bits', '7');
    expect(rounded.quantization).toMatchObject({ recipe: 'rounding', calibration: null, weightBits: 7 });
    const { text } = await run(['models', 'show', MODEL, '--cache', cache.path]);
    expect(text).toMatch(/^ {2}int8 +\S+ kB: rounding, version 2, 7-bit weights, no texts\n +cosine 0\.99/m);
    await using model = await loadModel(MODEL, { cache: cache.path, dtype: 'int8', threads: 1 });
    const shown = jsonLines((await run(['models', 'show', MODEL, '--cache', cache.path, '--json'])).text)[0];
    const forms = shown?.['int8'] as { folder: string; report?: unknown }[];
    expect(forms).toHaveLength(2);
    expect(forms.filter(({ report }) => report !== undefined).map(({ folder }) => folder)).toEqual([rounded.folder]);
    expect(model.info().quantizationReport).toBeUndefined();
  });

  it('prints a report of at most 80 columns, and progress on standard error', async () => {
    await using cache = await temporaryFolder();
    const { code, text, stderr } = await quantize(cache.path);
    expect(code).toBe(0);
    expect(stderr).toMatch(/^evaluating /m);
    for (const line of text.split('\n')) expect(line.length, line).toBeLessThanOrEqual(COLUMNS);
    expect(text).toMatch(/^ {2}cosine +mean [01]\.\d{5}, P1 [01]\.\d{5}, least [01]\.\d{5}$/m);
    expect(text).toMatch(/^ {2}weights +[0-9a-f]{64}$/m);
    expect((await quantize(cache.path)).text).toContain('--force');
  });

  it('leaves no report, and nothing half, when it is stopped while it measures', async () => {
    await using cache = await temporaryFolder();
    const child = start(['quantize', MODEL, '--threads', '1', '--cache', cache.path, '--json']);
    const ended = finished(child);
    let heard = '';
    while (!heard.includes('"evaluate"')) heard += String((await once(child.stderr, 'data'))[0]);
    child.kill('SIGINT');
    const { code, text } = await ended;
    expect([code, text]).toEqual([130, '']);
    for (const key of await readdir(path.join(cache.path, 'prepared'))) {
      expect(await readdir(path.join(cache.path, 'prepared', key))).not.toContain(REPORT);
    }
    expect(await quantized(cache.path)).toMatchObject({ evaluated: true });
  });

  it.each([
    [['--weight-bits', '6'], 2, 'Allowed choices are 7, 8'],
    [['--dtype', 'int8'], 2, '--dtype'],
    [['--calibration', '/nowhere/texts.txt'], 2, '/nowhere/texts.txt'],
  ])('refuses %j', async (args, code, named) => {
    await using cache = await temporaryFolder();
    const result = await quantize(cache.path, ...args);
    expect(result.stderr).toContain(named);
    expect([result.code, result.text]).toEqual([code, '']);
  });
});
