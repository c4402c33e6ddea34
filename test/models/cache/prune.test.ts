import { appendFile, cp, link, mkdir, readdir, rm, utimes, writeFile } from 'node:fs/promises';
import path from 'node:path';

import { prepareModel } from '#src/engine/prepare-model.js';
import { loadModel } from '#src/index.js';
import { CacheLayout } from '#src/models/cache/cache-layout.js';
import { describeSnapshot, listSnapshots } from '#src/models/cache/cached-snapshots.js';
import { ownIdentity } from '#src/models/cache/process-identity.js';
import { type PruneOptions, type PruneReport, pruneCache } from '#src/models/cache/prune-cache.js';
import { obtainModel } from '#src/models/obtain-model.js';
import { expect, it } from 'vitest';

import { fixture, fixtureFiles, namesBelow, temporaryFolder } from '../acquire/acquisition.js';
import { COMMIT, hubWithModel, ID, WEIGHTS } from './cache-models.js';
import { CacheProcess } from './cache-process.js';

const DAY_MS = 86_400_000;
const OTHER_COMMIT = 'f'.repeat(40);
/** More than any system gives out. */
const NO_PROCESS = 2 ** 30;

async function age(file: string, milliseconds: number): Promise<void> {
  const then = new Date(Date.now() - milliseconds);
  await utimes(file, then, then);
}

async function put(file: string, content = 'content'): Promise<string> {
  await mkdir(path.dirname(file), { recursive: true });
  await writeFile(file, content);
  return file;
}

/** Prunes twice, first only to see what would go: both must say the same. */
async function prune(cacheRoot: string, options: PruneOptions = {}): Promise<PruneReport> {
  const before = await namesBelow(cacheRoot);
  const foretold = await pruneCache(cacheRoot, { ...options, dryRun: true });
  expect(await namesBelow(cacheRoot)).toEqual(before);
  const report = await pruneCache(cacheRoot, options);
  expect(report).toEqual(foretold);
  return report;
}

it('pruning keeps a cache in which everything is needed', async () => {
  const { options } = await hubWithModel();
  const model = await loadModel(ID, await cached(options));
  await model.close();
  const before = await namesBelow(options.cacheRoot);
  expect(await prune(options.cacheRoot, { unusedFor: DAY_MS })).toEqual({ removed: [], freedBytes: 0, kept: [] });
  expect(await namesBelow(options.cacheRoot)).toEqual(before);
  expect(await prune(path.join(options.cacheRoot, 'none'))).toEqual({ removed: [], freedBytes: 0, kept: [] });
});

it('pruning removes what killed processes left, and nothing of live ones', async () => {
  const cacheRoot = await temporaryFolder();
  const layout = new CacheLayout(cacheRoot);
  const dead = { ...ownIdentity(), pid: NO_PROCESS };
  const mine = layout.temporaryFolder();
  const leftover = mine.replace(`-${process.pid}-`, `-${NO_PROCESS}-`);
  const going = [
    await put(path.join(leftover, 'a', 'file')),
    await put(layout.lock('sha256-1'), JSON.stringify({ ...dead, token: 'x' })),
    await put(path.join(layout.leases, 'dead.json'), JSON.stringify({ ...dead, id: 'a', origin: 'hub', prepared: '' })),
    await put(layout.partial('sha256-old')),
    await put(path.join(layout.temporary, 'of-an-older-version')),
    await put(layout.blob('0'.repeat(64)), 'x'.repeat(1_000)),
  ];
  for (const file of going.slice(3)) await age(file, 2 * DAY_MS);
  const elsewhere = { ...ownIdentity(), host: 'elsewhere', token: 'x' };
  const staying = [
    await put(path.join(mine, 'file')),
    await put(layout.lock('sha256-2'), JSON.stringify({ ...ownIdentity(), token: 'x' })),
    await put(layout.lock('sha256-3'), JSON.stringify(elsewhere)),
    await put(layout.partial('sha256-new')),
    // Both links: the second is in the folder of a process that puts a snapshot together.
    await put(layout.blob('1'.repeat(64))),
  ];
  await link(staying.at(-1) ?? '', path.join(mine, 'linked'));
  const report = await prune(cacheRoot);
  expect(report.removed.map(({ kind }) => kind).sort()).toEqual(
    ['blob', 'leftover', 'leftover', 'lease', 'lock', 'partial'].sort(),
  );
  expect(report.freedBytes).toBeGreaterThan(1_000);
  const names = staying.concat(path.join(mine, 'linked')).map((file) => path.relative(cacheRoot, file));
  expect(await namesBelow(cacheRoot)).toEqual(names.sort());
  const all = await prune(cacheRoot, { allPartial: true });
  expect(all.removed.map(({ name }) => name)).toEqual(['partial/sha256-new.part']);
});

it('pruning leaves the download of a live process alone, however old it is', async () => {
  const { hub, options } = await hubWithModel();
  hub.plan.set(WEIGHTS, [{ kind: 'hold', after: 70_000 }]);
  const held = hub.whenHeld();
  const pull = new CacheProcess({ action: 'pull', id: ID, options });
  await held;
  const layout = new CacheLayout(options.cacheRoot);
  await expect.poll(() => namesBelow(layout.partials)).toHaveLength(1);
  const [partial = ''] = await namesBelow(layout.partials);
  await age(path.join(layout.partials, partial), 9 * DAY_MS);
  const before = await namesBelow(options.cacheRoot);
  await pruneCache(options.cacheRoot, { allPartial: true });
  expect(await namesBelow(options.cacheRoot)).toEqual(before);
  await pull.kill();
  const { removed } = await pruneCache(options.cacheRoot, { allPartial: true });
  expect(removed.map(({ kind }) => kind)).toContain('partial');
  expect(await namesBelow(options.cacheRoot)).toEqual([]);
});

it('pruning removes prepared models whose files changed or went, or that another version wrote', async () => {
  const folder = await temporaryFolder();
  const cacheRoot = await temporaryFolder();
  const prepared = path.join(cacheRoot, 'prepared');
  for (const name of ['kept', 'changed', 'gone', 'older']) {
    const model = path.join(folder, name);
    await cp(fixture('tiny/bert-mean'), model, { recursive: true });
    const before = new Set(await readdir(prepared).catch(() => []));
    await prepareModel(await obtainModel(model, { cacheRoot }), cacheRoot, undefined);
    const [key = ''] = (await readdir(prepared)).filter((one) => !before.has(one));
    if (name === 'older') await rm(path.join(prepared, key, 'source.json'));
  }
  await appendFile(path.join(folder, 'changed', 'config.json'), '\n');
  await rm(path.join(folder, 'gone'), { recursive: true });
  const { removed, freedBytes } = await prune(cacheRoot);
  expect(removed.map(({ kind }) => kind)).toEqual(['prepared', 'prepared', 'prepared']);
  expect(freedBytes).toBeGreaterThan(10_000);
  expect((await readdir(prepared)).length).toBe(1);
  await prepareModel(await obtainModel(path.join(folder, 'kept'), { cacheRoot }), cacheRoot, undefined);
  expect((await readdir(prepared)).length).toBe(1);
});

it('pruning removes a revision that its branch has left behind, and never one that was asked for', async () => {
  const { hub, options, files } = await hubWithModel();
  const { cacheRoot } = options;
  const first = await obtainModel(ID, options);
  await rm(path.join(first.root, WEIGHTS));
  const changed = new Map(files).set('extra.json', Buffer.from('{}'));
  hub.repositories.set(ID, { commit: OTHER_COMMIT, files: changed });
  await obtainModel(ID, options);
  expect((await listSnapshots(cacheRoot)).map(({ revision, names }) => [revision, names])).toEqual([
    [COMMIT, []],
    [OTHER_COMMIT, ['main']],
  ]);
  expect((await prune(cacheRoot)).removed).toMatchObject([{ kind: 'model', name: `${ID}@${COMMIT}` }]);
  // The same revision by its commit stays, although no branch stands for it.
  hub.repositories.set(ID, { commit: COMMIT, files });
  await obtainModel(`${ID}@${COMMIT}`, options);
  expect((await prune(cacheRoot)).removed).toEqual([]);
  expect((await describeSnapshot(cacheRoot, `${ID}@${COMMIT}`)).pinned).toBe(true);
  await obtainModel(ID, { ...options, offline: true, verify: true });
});

it('pruning by age removes models that nobody used, with all that is theirs, but not one in use', async () => {
  const { hub, options } = await hubWithModel();
  const { cacheRoot } = options;
  hub.repositories.set('org/other', { commit: OTHER_COMMIT, files: await fixtureFiles('tiny/bert-cls') });
  // Before anything is prepared: a further link to shared content counts as a change of the file.
  for (const id of [ID, 'org/other']) await obtainModel(id, options);
  for (const id of [ID, 'org/other']) {
    const model = await loadModel(id, await cached(options, id));
    await model.close();
    await age(path.join((await describeSnapshot(cacheRoot, id)).path, 'snapshot.json'), 40 * DAY_MS);
  }
  const user = await loadModel(ID, await cached(options));
  await expect.poll(() => namesBelow(path.join(cacheRoot, 'leases'))).toHaveLength(1);
  await age(path.join((await describeSnapshot(cacheRoot, ID)).path, 'snapshot.json'), 40 * DAY_MS);
  expect((await prune(cacheRoot, { unusedFor: 41 * DAY_MS })).removed).toEqual([]);
  const report = await prune(cacheRoot, { unusedFor: 30 * DAY_MS });
  expect(report.removed).toMatchObject([{ kind: 'model', name: `org/other@${OTHER_COMMIT}` }]);
  expect(report.kept).toMatchObject([{ id: ID, holders: [{ pid: process.pid }] }]);
  expect(report.freedBytes).toBeGreaterThan(100_000);
  await user.close();
  expect((await prune(cacheRoot, { unusedFor: 30 * DAY_MS })).removed.length).toBe(1);
  expect(await namesBelow(cacheRoot)).toEqual([]);
});

it('pruning removes a snapshot that nothing can use, with the name that stands for it', async () => {
  const { options } = await hubWithModel();
  const { root } = await obtainModel(ID, options);
  await writeFile(path.join(root, 'snapshot.json'), '{"format": 1');
  const { removed } = await pruneCache(options.cacheRoot);
  expect(new Set(removed.map(({ kind }) => kind))).toEqual(new Set(['broken', 'blob']));
  const rest = await pruneCache(options.cacheRoot);
  expect(rest.removed.map(({ kind }) => kind)).toEqual(['name']);
  expect(await namesBelow(options.cacheRoot)).toEqual([]);
});

async function cached(
  options: { cacheRoot: string; hubEndpoint?: string | undefined },
  id = ID,
): Promise<{ cache: string; offline: true; threads: number }> {
  await obtainModel(id, options);
  return { cache: options.cacheRoot, offline: true, threads: 1 };
}
