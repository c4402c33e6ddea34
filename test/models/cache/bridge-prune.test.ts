import { cp, mkdir, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';

import { installedPython } from '#src/engine/find-python.js';
import { onnxFolder } from '#src/engine/onnx-folder.js';
import { CacheLayout } from '#src/models/cache/cache-layout.js';
import { withFileLock } from '#src/models/cache/file-lock.js';
import { recordUse } from '#src/models/cache/model-use.js';
import { pruneCache } from '#src/models/cache/prune-cache.js';
import { obtainModel } from '#src/models/obtain-model.js';
import { expect, it } from 'vitest';

import { fixture, namesBelow, temporaryFolder } from '../acquire/acquisition.js';

/** A cache with one environment that is whole, of torch, and one that was interrupted, of onnx. */
async function cacheWithEnvironments(): Promise<CacheLayout> {
  const layout = new CacheLayout(await temporaryFolder());
  for (const backend of ['torch', 'onnx']) {
    await mkdir(path.join(layout.environment(backend), 'bin'), { recursive: true });
    await writeFile(path.join(layout.environment(backend), 'bin', 'python'), 'x'.repeat(1000));
  }
  await writeFile(path.join(layout.environment('torch'), 'isovec-complete'), '');
  return layout;
}

it('pruning removes environments that were interrupted, and whole ones when it is asked to', async () => {
  const layout = await cacheWithEnvironments();
  expect((await pruneCache(layout.root, { dryRun: true, bridge: true })).removed.length).toBe(2);
  const { removed, freedBytes } = await pruneCache(layout.root);
  expect(removed).toMatchObject([{ kind: 'bridge', name: path.join('bridge', 'onnx'), freedBytes: 1000 }]);
  expect(freedBytes).toBe(1000);
  expect(await installedPython(layout.root, 'torch')).toBe(path.join(layout.environment('torch'), 'bin', 'python'));
  expect((await pruneCache(layout.root)).removed).toEqual([]);
  expect((await pruneCache(layout.root, { bridge: true })).removed).toMatchObject([{ reason: 'asked for' }]);
  expect(await namesBelow(layout.root)).toEqual([]);
});

it('pruning leaves environments that a process installs or uses', async () => {
  const layout = await cacheWithEnvironments();
  const files = await obtainModel(fixture('tiny/bert-mean'), { cacheRoot: layout.root });
  const use = recordUse(layout.root, files, { python: await installedPython(layout.root, 'torch') });
  await expect.poll(() => namesBelow(layout.leases)).toHaveLength(1);
  await withFileLock(layout.environmentLock('onnx'), {}, async () => {
    expect((await pruneCache(layout.root, { bridge: true })).removed).toEqual([]);
  });
  expect((await pruneCache(layout.root, { bridge: true })).removed).toMatchObject([
    { name: path.join('bridge', 'onnx') },
  ]);
  await use.close();
  expect((await pruneCache(layout.root, { bridge: true })).removed).toMatchObject([
    { name: path.join('bridge', 'torch') },
  ]);
});

it('pruning removes portable models whose files are gone, and those of others are found again', async () => {
  const layout = new CacheLayout(await temporaryFolder());
  const folder = await temporaryFolder();
  const portable = new Map<string, string>();
  for (const name of ['kept', 'gone']) {
    await cp(fixture('tiny/bert-mean'), path.join(folder, name), { recursive: true });
    const files = await obtainModel(path.join(folder, name), { cacheRoot: layout.root });
    portable.set(name, await onnxFolder(files, layout.root, undefined));
  }
  expect((await pruneCache(layout.root)).removed).toEqual([]);
  await rm(path.join(folder, 'gone'), { recursive: true });
  const { removed, freedBytes } = await pruneCache(layout.root);
  expect(removed).toMatchObject([{ kind: 'prepared', name: expect.stringContaining('gone') as string }]);
  expect(freedBytes).toBeGreaterThan(10_000);
  const kept = portable.get('kept') ?? '';
  const before = await namesBelow(layout.root);
  expect(before).toContain(path.relative(layout.root, path.join(kept, 'onnx', 'model.onnx')));
  expect(before.every((name) => path.join(layout.root, name).startsWith(kept))).toBe(true);
  const again = await obtainModel(path.join(folder, 'kept'), { cacheRoot: layout.root });
  expect(await onnxFolder(again, layout.root, undefined)).toBe(kept);
  expect(await namesBelow(layout.root)).toEqual(before);
});
