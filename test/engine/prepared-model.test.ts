import { once } from 'node:events';
import { chmod, readdir, readFile, rm, stat, truncate, utimes, writeFile } from 'node:fs/promises';
import path from 'node:path';

import { loadModel } from '#src/index.js';
import { describe, expect, it } from 'vitest';

import { copyOfTiny, failure, loadFolder, temporaryFolder, tinyFolder } from './support/tiny-model.js';
import { childReply, startChild } from './support/run-child.js';

async function preparedFolders(cache: string): Promise<string[]> {
  const names = await readdir(path.join(cache, 'prepared')).catch(() => []);
  return names.map((name) => path.join(cache, 'prepared', name));
}

async function onlyPrepared(cache: string): Promise<string> {
  const [folder, ...others] = await preparedFolders(cache);
  if (folder === undefined || others.length > 0) throw new Error(`${others.length + 1} prepared folders`);
  return folder;
}

/** Inode and time of every file: what changes when a file is written again. */
async function identities(folder: string): Promise<string[]> {
  const names = (await readdir(folder)).sort();
  return Promise.all(
    names.map(async (name) => {
      const { ino, mtimeMs, size } = await stat(path.join(folder, name));
      return `${name} ${ino} ${mtimeMs} ${size}`;
    }),
  );
}

async function embed(folder: string, cache: string): Promise<Float32Array> {
  const model = await loadModel(folder, { cache, threads: 1 });
  try {
    return await model.encode('the river');
  } finally {
    await model.close();
  }
}

describe('a prepared model', () => {
  it('is used again as it is by the next load', async () => {
    const cache = await temporaryFolder();
    const first = await embed(tinyFolder('bert-mean'), cache);
    const before = await identities(await onlyPrepared(cache));
    expect(await embed(tinyFolder('bert-mean'), cache)).toEqual(first);
    expect(await identities(await onlyPrepared(cache))).toEqual(before);
  });

  it('holds no copy of float32 weights, and says which tensors it does not use', async () => {
    const cache = await temporaryFolder();
    const model = await loadFolder(tinyFolder('bert-oldlayout'), { cache });
    const { conversion } = model.info();
    expect(conversion?.weightBytesConverted).toBe(0);
    expect(conversion?.weightBytesInPlace).toBeGreaterThan(0);
    expect(conversion?.unusedTensors).toEqual(
      expect.arrayContaining(['cls.predictions.bias', expect.stringContaining('position_ids')]),
    );
    expect(await readdir(await onlyPrepared(cache))).toEqual([
      'graph.onnx',
      'prepared.json',
      'prepared.sha256',
      'source.json',
      'tokenizer.json',
    ]);
  });

  it('holds float32 weights only where the checkpoint has another type', async () => {
    const cache = await temporaryFolder();
    const model = await loadFolder(tinyFolder('bert-bf16'), { cache });
    const { conversion } = model.info();
    expect([conversion?.dtypes, conversion?.weightBytesInPlace]).toEqual([['BF16'], 0]);
    const weights = await stat(path.join(await onlyPrepared(cache), 'weights.f32'));
    expect(weights.size).toBe(conversion?.weightBytesConverted);
  });

  it('is made anew for a file that has changed', async () => {
    const cache = await temporaryFolder();
    const folder = await copyOfTiny('bert-mean');
    await embed(folder, cache);
    await utimes(path.join(folder, 'config.json'), new Date(), new Date(Date.now() + 5000));
    await embed(folder, cache);
    expect(await preparedFolders(cache)).toHaveLength(2);
  });

  it.each<[string, string, (file: string) => Promise<void>]>([
    ['an unreadable record', 'prepared.json', (file) => writeFile(file, '{')],
    ['a record of something else', 'prepared.json', (file) => writeFile(file, '{}')],
    ['a cut graph', 'graph.onnx', (file) => truncate(file, 100)],
    ['a missing graph', 'graph.onnx', (file) => rm(file)],
    ['an empty tokenizer', 'tokenizer.json', (file) => truncate(file, 0)],
    ['a missing digest', 'prepared.sha256', (file) => rm(file)],
    [
      'one wrong byte in the graph',
      'graph.onnx',
      async (file) => {
        const bytes = await readFile(file);
        bytes[bytes.length >> 1] = (bytes[bytes.length >> 1] ?? 0) ^ 1;
        await writeFile(file, bytes);
      },
    ],
  ])('with %s is made again', async (_, name, damage) => {
    const cache = await temporaryFolder();
    const sound = await embed(tinyFolder('bert-mean'), cache);
    const folder = await onlyPrepared(cache);
    const graph = await readFile(path.join(folder, 'graph.onnx'));
    await damage(path.join(folder, name));
    expect(await embed(tinyFolder('bert-mean'), cache)).toEqual(sound);
    expect(await onlyPrepared(cache)).toBe(folder);
    expect(await readFile(path.join(folder, 'graph.onnx'))).toEqual(graph);
    expect(await readdir(path.join(cache, 'tmp'))).toEqual([]);
  });

  it('with cut converted weights is made again', async () => {
    const cache = await temporaryFolder();
    const sound = await embed(tinyFolder('bert-fp16'), cache);
    await truncate(path.join(await onlyPrepared(cache), 'weights.f32'), 64);
    expect(await embed(tinyFolder('bert-fp16'), cache)).toEqual(sound);
  });
});

describe('preparing', () => {
  it('in several processes at once gives each the same vectors and leaves one folder', async () => {
    const cache = await temporaryFolder();
    const folder = tinyFolder('bert-bf16');
    const replies = await Promise.all([1, 2, 3].map(() => childReply(startChild('close', folder, cache))));
    expect(replies[0]?.vector).toHaveLength(32);
    expect(replies[1]).toEqual(replies[0]);
    expect(replies[2]).toEqual(replies[0]);
    await onlyPrepared(cache);
    expect(await readdir(path.join(cache, 'tmp'))).toEqual([]);
  });

  it('that is killed leaves nothing that is taken for complete', async () => {
    const cache = await temporaryFolder();
    const folder = await copyOfTiny('bert-bf16');
    const started = performance.now();
    await childReply(startChild('close', folder, await temporaryFolder()));
    const duration = performance.now() - started;
    // Each child is killed a little later in its work than the one before.
    for (let part = 0.2; part <= 1; part += 0.1) {
      const child = startChild('leave', folder, cache);
      const ended = once(child, 'close');
      setTimeout(() => child.kill('SIGKILL'), part * duration);
      await ended;
      for (const prepared of await preparedFolders(cache)) {
        expect((await readdir(prepared)).sort()).toEqual([
          'graph.onnx',
          'prepared.json',
          'prepared.sha256',
          'source.json',
          'tokenizer.json',
          'weights.f32',
        ]);
      }
    }
    const reply = await childReply(startChild('close', folder, cache));
    expect(reply.vector).toHaveLength(32);
  });

  it('into a cache that cannot be written is SOURCE_FORBIDDEN with the way out', async () => {
    const cache = await temporaryFolder();
    await chmod(cache, 0o555);
    // Permissions do not hold back the superuser, so that one tries as nobody.
    const uid = process.getuid?.() === 0 ? 65534 : undefined;
    const reply = await childReply(startChild('close', tinyFolder('bert-mean'), cache, { uid }));
    expect(reply.code).toBe('SOURCE_FORBIDDEN');
    expect(reply.message).toContain('ISOVEC_HOME');
    expect(reply.message).toContain(cache);
    await chmod(cache, 0o755);
  });

  it('is not needed where another user has done it, and then nothing is written', async () => {
    const cache = await temporaryFolder();
    const vector = await embed(tinyFolder('bert-mean'), cache);
    await chmod(cache, 0o555);
    const uid = process.getuid?.() === 0 ? 65534 : undefined;
    const reply = await childReply(startChild('close', tinyFolder('bert-mean'), cache, { uid }));
    expect(reply.vector).toEqual([...vector]);
    await chmod(cache, 0o755);
  });

  it('where a file stands in the place of the cache is an error that names it', async () => {
    const cache = path.join(await temporaryFolder(), 'file');
    await writeFile(cache, '');
    const error = await failure(() => loadFolder(tinyFolder('bert-mean'), { cache }));
    expect(error.code).toBe('CONFIG_INVALID');
    expect(error.message).toContain(cache);
  });
});
