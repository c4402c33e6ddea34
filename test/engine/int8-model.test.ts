import { once } from 'node:events';
import { chmod, cp, readdir, readFile, rm, truncate, writeFile } from 'node:fs/promises';
import path from 'node:path';

import { type Embedder, isSameSpace, type LoadOptions, type Progress } from '#src/index.js';
import { prepareModel } from '#src/engine/prepare-model.js';
import type { ProcessorProducts } from '#src/engine/quantize/processor-products.js';
import { chooseQuantization } from '#src/engine/quantize/quantization.js';
import { listFolderFiles } from '#src/models/folder-files.js';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { loadRealModel } from '../support/real-model.js';
import { childReply, startChild } from './support/run-child.js';
import {
  copyOfTiny,
  failure,
  loadFolder,
  loadTiny,
  numberedTexts,
  temporaryFolder,
  tinyFolder,
} from './support/tiny-model.js';

const PARTS = ['graph.onnx', 'prepared.json', 'prepared.sha256', 'source.json', 'tokenizer.json', 'weights.i8'];

async function preparedFolders(cache: string): Promise<string[]> {
  const names = await readdir(path.join(cache, 'prepared')).catch(() => []);
  return names.map((name) => path.join(cache, 'prepared', name));
}

async function onlyPrepared(cache: string): Promise<string> {
  const [folder, ...others] = await preparedFolders(cache);
  if (folder === undefined || others.length > 0) throw new Error(`${others.length + 1} prepared folders`);
  return folder;
}

/** Loads in int8 and tells what was heard meanwhile. */
async function loadInt8(
  folder: string,
  cache: string,
  options: LoadOptions = {},
): Promise<{ model: Embedder; steps: Progress[]; notices: string[] }> {
  const steps: Progress[] = [];
  const notices: string[] = [];
  const log = (message: string): void => void notices.push(message);
  const model = await loadFolder(folder, {
    cache,
    dtype: 'int8',
    onProgress: (progress) => steps.push(progress),
    logger: { info: log, warn: log },
    ...options,
  });
  return { model, steps: steps.filter(({ phase }) => phase === 'quantize'), notices };
}

async function embed(folder: string, cache: string): Promise<Float32Array> {
  return (await loadInt8(folder, cache)).model.encode('the river');
}

function cosine(a: Float32Array, b: Float32Array): number {
  const dot = (x: Float32Array, y: Float32Array): number => x.reduce((sum, value, i) => sum + value * (y[i] ?? NaN), 0);
  return dot(a, b) / Math.sqrt(dot(a, a) * dot(b, b));
}

describe('a model in int8', () => {
  it('is never chosen by itself, and says what it is', async () => {
    const cache = await temporaryFolder();
    const float = await loadTiny('bert-mean', { cache });
    expect([float.info().dtype, float.info().quantization, float.space.weightDtype]).toEqual([
      'float32',
      undefined,
      'float32',
    ]);
    const { model } = await loadInt8(tinyFolder('bert-mean'), cache, { weightBits: 8 });
    expect(model.info()).toMatchObject({
      dtype: 'int8',
      quantization: { recipe: 'calibrated', recipeVersion: 3, weightBits: 8 },
      space: { weightDtype: 'int8', fingerprint: float.space.fingerprint },
    });
    expect(model.info().quantization?.weightsDigest).toMatch(/^[0-9a-f]{64}$/);
    expect(isSameSpace(model.space, float.space)).toBe(false);
    expect(isSameSpace(model.space, float.space, { anyWeightDtype: true })).toBe(true);
  });

  it.each(['bert-mean', 'bert-cls', 'bert-max', 'bert-dense', 'bert-bf16', 'bert-sharded', 'bert-prompts-exclude'])(
    'gives vectors near those of float32: %s',
    async (name) => {
      const texts = numberedTexts(40);
      const [float, int8] = await Promise.all([loadTiny(name), loadTiny(name, { dtype: 'int8' })]);
      const [near, exact] = await Promise.all([int8.encodeBatch(texts), float.encodeBatch(texts)]);
      const cosines = texts.map((_, i) => cosine(near.row(i), exact.row(i)));
      expect(Math.min(...cosines)).toBeGreaterThan(0.98);
      expect(Math.min(...cosines)).toBeLessThan(1 - 1e-7);
    },
  );

  it('is made once: progress and a notice then, neither at the next load', async () => {
    const cache = await temporaryFolder();
    const first = await loadInt8(tinyFolder('bert-mean'), cache);
    expect(first.steps.map(({ done, total }) => [done, total])).toEqual(
      Array.from({ length: 8 }, (_, i) => [i + 1, 8]),
    );
    expect(first.notices.join()).toContain('int8');
    const folder = await onlyPrepared(cache);
    expect(await readdir(folder)).toEqual(PARTS);
    const second = await loadInt8(tinyFolder('bert-mean'), cache);
    expect([second.steps, second.notices]).toEqual([[], []]);
    expect(await second.model.encode('the river')).toEqual(await first.model.encode('the river'));
    expect(second.model.info().quantization).toEqual(first.model.info().quantization);
  });

  it('has the same weights, byte for byte, wherever it is made', async () => {
    const caches = [await temporaryFolder(), await temporaryFolder()];
    const made = [];
    for (const cache of caches) {
      await loadInt8(tinyFolder('bert-dense'), cache);
      const folder = await onlyPrepared(cache);
      made.push([await readFile(path.join(folder, 'weights.i8')), await readFile(path.join(folder, 'graph.onnx'))]);
    }
    expect(made[0]).toEqual(made[1]);
  });

  it('keeps weights of 7 and of 8 bits apart', async () => {
    const cache = await temporaryFolder();
    const models = [];
    for (const weightBits of [7, 8] as const) {
      models.push((await loadInt8(tinyFolder('bert-mean'), cache, { weightBits })).model);
    }
    expect(await preparedFolders(cache)).toHaveLength(2);
    expect(models.map((model) => model.info().quantization?.weightBits)).toEqual([7, 8]);
    const [seven, eight] = await Promise.all(models.map((model) => model.encode('the river')));
    expect(seven).not.toEqual(eight);
  });

  it.each<[ProcessorProducts, string]>([
    ['saturating', 'has no VNNI'],
    ['unknown', 'not known whether'],
  ])('tells why weights get 7 bits where products are %s', async (products, reason) => {
    const notices: string[] = [];
    const log = (message: string): void => void notices.push(message);
    const chosen = await chooseQuantization({ weightBits: 7 });
    await prepareModel(await listFolderFiles(tinyFolder('bert-mean')), await temporaryFolder(), undefined, {
      chosen: { ...chosen, products },
      onProgress: undefined,
      logger: { info: log, warn: log },
    });
    expect(notices.join()).toContain(reason);
  });

  it.each<[string, object, string]>([
    ['an unknown type', { dtype: 'int4' }, 'dtype'],
    ['other bits', { dtype: 'int8', weightBits: 4 }, 'weightBits'],
    ['bits without int8', { weightBits: 7 }, 'weightBits'],
    ['calibration without int8', { calibration: 'none' }, 'calibration'],
    ['no calibration at all', { dtype: 'int8', calibration: '' }, 'calibration'],
  ])('refuses %s', async (_, options, named) => {
    const error = await failure(() => loadFolder(tinyFolder('bert-mean'), options));
    expect(error.code).toBe('CONFIG_INVALID');
    expect(error.message).toContain(named);
  });
});

describe('stored int8 weights', () => {
  it.each<[string, string, (file: string) => Promise<void>]>([
    ['one wrong byte', 'weights.i8', flipByte],
    ['a cut end', 'weights.i8', (file) => truncate(file, 1000)],
    ['nothing left', 'weights.i8', (file) => rm(file)],
    ['another record', 'prepared.json', (file) => writeFile(file, '{}')],
    ['one wrong byte in the graph', 'graph.onnx', flipByte],
  ])('with %s are made again', async (_, name, damage) => {
    const cache = await temporaryFolder();
    const sound = await embed(tinyFolder('bert-mean'), cache);
    const folder = await onlyPrepared(cache);
    const weights = await readFile(path.join(folder, 'weights.i8'));
    await damage(path.join(folder, name));
    expect(await embed(tinyFolder('bert-mean'), cache)).toEqual(sound);
    expect(await onlyPrepared(cache)).toBe(folder);
    expect(await readFile(path.join(folder, 'weights.i8'))).toEqual(weights);
    expect(await readdir(path.join(cache, 'tmp'))).toEqual([]);
  });

  it('are used from a copy of the cache, whose times and inodes are others', async () => {
    const cache = await temporaryFolder();
    const sound = await embed(tinyFolder('bert-mean'), cache);
    const copy = path.join(await temporaryFolder(), 'copy');
    await cp(cache, copy, { recursive: true });
    const { model, steps } = await loadInt8(tinyFolder('bert-mean'), copy);
    expect(steps).toEqual([]);
    expect(await model.encode('the river')).toEqual(sound);
  });

  it('leave nothing behind when the load is cancelled in the middle', async () => {
    const cache = await temporaryFolder();
    const stop = new AbortController();
    const error = await failure(() =>
      loadFolder(tinyFolder('bert-mean'), {
        cache,
        dtype: 'int8',
        signal: stop.signal,
        onProgress: ({ phase, done }) => {
          if (phase === 'quantize' && done === 1) stop.abort();
        },
      }),
    );
    expect(error.code).toBe('ABORTED');
    expect(await preparedFolders(cache)).toEqual([]);
    expect(await readdir(path.join(cache, 'locks'))).toEqual([]);
    expect(await embed(tinyFolder('bert-mean'), cache)).toHaveLength(32);
  });

  it('are made by one of several processes', async () => {
    const cache = await temporaryFolder();
    const folder = tinyFolder('bert-mean');
    const start = () => childReply(startChild('close', folder, cache, { dtype: 'int8' }));
    const replies = await Promise.all([start(), start(), start()]);
    expect(replies[0].vector).toHaveLength(32);
    expect([replies[1], replies[2]]).toEqual([replies[0], replies[0]]);
    expect(await readdir(await onlyPrepared(cache))).toEqual(PARTS);
    expect(await readdir(path.join(cache, 'tmp'))).toEqual([]);
  });

  it('are whole or absent after a kill', async () => {
    const cache = await temporaryFolder();
    const folder = await copyOfTiny('bert-mean');
    // Each child is killed a little later in its work than the one before.
    for (let milliseconds = 80; milliseconds <= 320; milliseconds += 60) {
      const child = startChild('leave', folder, cache, { dtype: 'int8' });
      const ended = once(child, 'close');
      setTimeout(() => child.kill('SIGKILL'), milliseconds);
      await ended;
      for (const prepared of await preparedFolders(cache)) expect(await readdir(prepared)).toEqual(PARTS);
    }
    const reply = await childReply(startChild('close', folder, cache, { dtype: 'int8' }));
    expect(reply.vector).toHaveLength(32);
  });

  it('that cannot be written are SOURCE_FORBIDDEN with the way out', async () => {
    const cache = await temporaryFolder();
    await chmod(cache, 0o555);
    // Permissions do not hold back the superuser, so that one tries as nobody.
    const uid = process.getuid?.() === 0 ? 65534 : undefined;
    const reply = await childReply(startChild('close', tinyFolder('bert-mean'), cache, { uid, dtype: 'int8' }));
    expect(reply.code).toBe('SOURCE_FORBIDDEN');
    expect(reply.message).toContain('ISOVEC_HOME');
    await chmod(cache, 0o755);
  });
});

async function flipByte(file: string): Promise<void> {
  const bytes = await readFile(file);
  bytes[bytes.length >> 1] = (bytes[bytes.length >> 1] ?? 0) ^ 1;
  await writeFile(file, bytes);
}

describe('all-MiniLM-L6-v2 in int8', () => {
  it('gives a text the same bits alone, in a batch and with shared threads, near those of float32', async () => {
    const load = { dtype: 'int8', loneTextThreads: 2 } as const;
    await using one = await loadRealModel({ ...load, threads: 1 });
    await using two = await loadRealModel({ ...load, threads: 2 });
    await using float = await loadRealModel();
    const words = fc.array(fc.constantFrom('river', 'Ok', 'vector', 'über', '東京', '42', 'the', '🙂'), {
      minLength: 1,
      maxLength: 90,
    });
    await fc.assert(
      fc.asyncProperty(fc.array(words, { minLength: 1, maxLength: 24 }), async (rows) => {
        const texts = rows.map((row) => row.join(' '));
        const [batch, other, exact] = await Promise.all([one, two, float].map((model) => model.encodeBatch(texts)));
        for (const [i, text] of texts.entries()) {
          const row = batch?.row(i) ?? new Float32Array();
          expect(other?.row(i)).toEqual(row);
          if (i % 8 === 0) expect(await two.encode(text)).toEqual(row);
          expect(cosine(row, exact?.row(i) ?? new Float32Array())).toBeGreaterThan(0.96);
        }
      }),
      { numRuns: 6 },
    );
    expect(one.info().quantization?.weightsBytes).toBeLessThan(24_000_000);
  });
});
