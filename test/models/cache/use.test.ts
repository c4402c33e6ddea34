import { mkdir, readdir, readFile, stat, utimes, writeFile } from 'node:fs/promises';
import path from 'node:path';

import { loadModel } from '#src/index.js';
import { CacheLayout } from '#src/models/cache/cache-layout.js';
import { describeSnapshot } from '#src/models/cache/cached-snapshots.js';
import { listLeases } from '#src/models/cache/leases.js';
import { ownIdentity } from '#src/models/cache/process-identity.js';
import { removeSnapshots } from '#src/models/cache/remove-snapshots.js';
import { obtainModel } from '#src/models/obtain-model.js';
import { expect, it } from 'vitest';

import { failure, fixture, namesBelow, temporaryFolder } from '../acquire/acquisition.js';
import { hubWithModel, ID } from './cache-models.js';
import { CacheProcess } from './cache-process.js';

const DAY_MS = 86_400_000;

async function pulledModel(): Promise<{ cacheRoot: string; manifest: string; layout: CacheLayout }> {
  const { options } = await hubWithModel();
  const { root } = await obtainModel(ID, options);
  const { cacheRoot } = options;
  return { cacheRoot, manifest: path.join(root, 'snapshot.json'), layout: new CacheLayout(cacheRoot) };
}

async function age(file: string, milliseconds: number): Promise<void> {
  const then = new Date(Date.now() - milliseconds);
  await utimes(file, then, then);
}

async function loadOnce(cacheRoot: string, id = ID): Promise<void> {
  await (await loadModel(id, { cache: cacheRoot, offline: true, threads: 1 })).close();
}

it('loading a model notes when, to the minute, and whatever the clock said before', async () => {
  const { cacheRoot, manifest } = await pulledModel();
  const content = await readFile(manifest, 'utf8');
  for (const wrong of [40 * DAY_MS, -40 * DAY_MS]) {
    await age(manifest, wrong);
    const before = Date.now();
    await loadOnce(cacheRoot);
    expect(Math.abs(Date.parse((await describeSnapshot(cacheRoot, ID)).lastUsedAt) - before)).toBeLessThan(60_000);
  }
  // Loading again within the minute writes nothing.
  await age(manifest, 20_000);
  const { mtimeMs } = await stat(manifest);
  await loadOnce(cacheRoot);
  expect((await stat(manifest)).mtimeMs).toBe(mtimeMs);
  expect(await readFile(manifest, 'utf8')).toBe(content);
});

it('noting the use does not make a prepared model another one', async () => {
  const { cacheRoot, manifest } = await pulledModel();
  await loadOnce(cacheRoot);
  const before = await namesBelow(path.join(cacheRoot, 'prepared'));
  await age(manifest, DAY_MS);
  await loadOnce(cacheRoot);
  expect(await namesBelow(path.join(cacheRoot, 'prepared'))).toEqual(before);
});

it('a loaded model is leased until it is closed, and cannot be removed meanwhile', async () => {
  const { cacheRoot, layout } = await pulledModel();
  const user = new CacheProcess({ action: 'load', id: ID, options: { cacheRoot } });
  expect(await user.answer()).toEqual({ loaded: ID });
  await expect.poll(() => listLeases(layout)).toMatchObject([{ id: ID, holder: { pid: user.child.pid } }]);
  const error = await failure(removeSnapshots(cacheRoot, [ID]));
  expect(error.code).toBe('CONFIG_INVALID');
  expect(error.message).toContain(`process ${user.child.pid ?? ''}`);
  expect(error.message).toContain('--force');
  expect((await describeSnapshot(cacheRoot, ID)).id).toBe(ID);
  await user.finish();
  expect(await namesBelow(layout.leases)).toEqual([]);
  const [removed] = await removeSnapshots(cacheRoot, [ID]);
  expect(removed?.freedBytes).toBeGreaterThan(100_000);
  expect(await namesBelow(cacheRoot)).toEqual([]);
});

it('a model in use is removed when that is insisted on', async () => {
  const { cacheRoot } = await pulledModel();
  const model = await loadModel(ID, { cache: cacheRoot, offline: true, threads: 1 });
  await removeSnapshots(cacheRoot, [ID], { force: true });
  expect((await failure(describeSnapshot(cacheRoot, ID))).code).toBe('MODEL_NOT_FOUND');
  await model.close();
});

it('the lease of a killed process counts for nothing, and the next use clears it away', async () => {
  const { cacheRoot, layout } = await pulledModel();
  const user = new CacheProcess({ action: 'load', id: ID, options: { cacheRoot } });
  await user.answer();
  await expect.poll(() => namesBelow(layout.leases)).toHaveLength(1);
  expect(await user.kill()).toBe(true);
  expect(await namesBelow(layout.leases)).toHaveLength(1);
  expect(await listLeases(layout)).toEqual([]);
  const [key = ''] = await readdir(layout.preparedModels);
  await age(path.join(layout.prepared(key), 'source.json'), DAY_MS);
  await loadOnce(cacheRoot);
  expect(await namesBelow(layout.leases)).toEqual([]);
});

it('a lease of another host counts for a day', async () => {
  const { cacheRoot, layout } = await pulledModel();
  const { revision } = await describeSnapshot(cacheRoot, ID);
  await mkdir(layout.leases, { recursive: true });
  const file = path.join(layout.leases, '0123.json');
  const holder = { ...ownIdentity(), host: 'elsewhere', pid: 17 };
  await writeFile(file, JSON.stringify({ ...holder, id: ID, revision, origin: 'hub', prepared: 'key' }));
  expect((await failure(removeSnapshots(cacheRoot, [ID]))).message).toContain('process 17 on elsewhere');
  await age(file, 2 * DAY_MS);
  expect((await removeSnapshots(cacheRoot, [ID])).length).toBe(1);
});

it('a folder is leased by what was prepared from it, and nothing is written into it', async () => {
  const cacheRoot = await temporaryFolder();
  const folder = fixture('tiny/bert-mean');
  const before = await namesBelow(folder);
  const model = await loadModel(folder, { cache: cacheRoot, threads: 1 });
  const layout = new CacheLayout(cacheRoot);
  await expect.poll(() => listLeases(layout)).toMatchObject([{ id: folder, origin: 'folder' }]);
  await model.close();
  expect(await namesBelow(folder)).toEqual(before);
  expect(await namesBelow(layout.leases)).toEqual([]);
});
