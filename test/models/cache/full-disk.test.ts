import { mkdir, readdir, rm } from 'node:fs/promises';
import path from 'node:path';

import { prepareModel } from '#src/engine/prepare-model.js';
import { loadModel } from '#src/index.js';
import { pruneCache } from '#src/models/cache/prune-cache.js';
import { removeSnapshots } from '#src/models/cache/remove-snapshots.js';
import { obtainModel } from '#src/models/obtain-model.js';
import { expect, it } from 'vitest';

import { failure, fixture, namesBelow, temporaryFolder } from '../acquire/acquisition.js';
import { hubWithModel, ID, leftBehind, WEIGHTS } from './cache-models.js';
import { SmallDisk } from './small-disk.js';

/** What must hold of a full disk wherever it became full: whole need in pages, to none. */
function shares(need: number): number[] {
  const last = [1, 2, 3, 4, 5, 6, 8, 10, 12].map((pages) => need - pages);
  return [...last, Math.round(need / 2), 4, 3, 2, 1, 0].filter((pages) => pages >= 0);
}

it('a pull onto a full disk says so, shows nothing half-written, and works when there is room', async (context) => {
  const disk = await SmallDisk.mount();
  if (disk === undefined) return context.skip('a tmpfs cannot be mounted here');
  const { options } = await hubWithModel();
  const cacheRoot = path.join(disk.root, 'cache');
  const local = { ...options, cacheRoot };
  const empty = await disk.used();
  await obtainModel(ID, local);
  const need = (await disk.used()) - empty;
  const fullAt = new Set<string>();
  for (const pages of shares(need)) {
    await rm(cacheRoot, { recursive: true, force: true });
    await mkdir(cacheRoot);
    await disk.leave(pages);
    const error = await failure(obtainModel(ID, local));
    expect([pages, error.code]).toEqual([pages, 'STORAGE_FULL']);
    expect(error.message).toContain(cacheRoot);
    expect(error.message).toContain('isovec models');
    expect(error.message).toContain('ISOVEC_HOME');
    expect((await failure(obtainModel(ID, { ...local, offline: true }))).code).toBe('MODEL_NOT_FOUND');
    const names = await namesBelow(cacheRoot);
    expect(names.filter((name) => /^(tmp|locks|refs)\//.test(name))).toEqual([]);
    const blobs = names.filter((name) => name.startsWith('blobs/')).length;
    fullAt.add(
      names.some((name) => name.startsWith('snapshots/')) ? 'name' : blobs === 0 ? 'lock or first file' : 'file',
    );
    if (blobs >= 8) fullAt.add('list of files');
    await disk.makeRoom();
    const model = await obtainModel(ID, local);
    expect(model.files.has(WEIGHTS)).toBe(true);
    expect(await leftBehind(cacheRoot)).toEqual([]);
  }
  expect(fullAt.size).toBeGreaterThan(1);
});

it('a preparation on a full disk says so, leaves nothing, and works when there is room', async (context) => {
  const disk = await SmallDisk.mount();
  if (disk === undefined) return context.skip('a tmpfs cannot be mounted here');
  const files = await obtainModel(fixture('tiny/bert-bf16'), { cacheRoot: await temporaryFolder() });
  const cacheRoot = path.join(disk.root, 'cache');
  const empty = await disk.used();
  await prepareModel(files, cacheRoot, undefined);
  const need = (await disk.used()) - empty;
  for (const pages of shares(need)) {
    await rm(cacheRoot, { recursive: true, force: true });
    await mkdir(cacheRoot);
    await disk.leave(pages);
    const error = await failure(prepareModel(files, cacheRoot, undefined));
    expect([pages, error.code]).toEqual([pages, 'STORAGE_FULL']);
    expect(error.message).toContain(cacheRoot);
    expect(await namesBelow(cacheRoot)).toEqual([]);
    await disk.makeRoom();
    await prepareModel(files, cacheRoot, undefined);
    expect((await readdir(path.join(cacheRoot, 'prepared'))).length).toBe(1);
  }
});

it('a disk that is mounted read-only serves what is there, and every change is refused', async (context) => {
  const disk = await SmallDisk.mount();
  if (disk === undefined) return context.skip('a tmpfs cannot be mounted here');
  const { options } = await hubWithModel();
  const cacheRoot = path.join(disk.root, 'cache');
  const first = await loadModel(ID, { ...(await pulled(options, cacheRoot)), threads: 1 });
  const vector = await first.encode('a text');
  await first.close();
  const before = await namesBelow(cacheRoot);
  await disk.makeReadOnly();
  const model = await loadModel(ID, { cache: cacheRoot, offline: true, threads: 1 });
  expect(await model.encode('a text')).toEqual(vector);
  await model.close();
  const refused = [removeSnapshots(cacheRoot, [ID]), pruneCache(cacheRoot, { unusedFor: -1 })];
  for (const call of refused) {
    const error = await failure(call);
    expect(error.code).toBe('SOURCE_FORBIDDEN');
    expect(error.message).toContain(cacheRoot);
  }
  expect(await namesBelow(cacheRoot)).toEqual(before);
});

async function pulled(
  options: { hubEndpoint?: string | undefined; cacheRoot: string },
  cacheRoot: string,
): Promise<{ cache: string; offline: true }> {
  await obtainModel(ID, { ...options, cacheRoot });
  return { cache: cacheRoot, offline: true };
}
