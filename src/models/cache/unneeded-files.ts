import { readdir, rm, rmdir, stat } from 'node:fs/promises';
import path from 'node:path';

import { isAbandonedLock, removeAbandonedLock } from './abandoned-lock.js';
import type { CacheLayout } from './cache-layout.js';
import { type CachedSnapshot, findBrokenSnapshots } from './cached-snapshots.js';
import { withFreeFileLock } from './file-lock.js';
import { findDeadLeases } from './leases.js';
import { findLeftovers } from './leftovers.js';
import type { Removable, RemovableKind } from './removable.js';
import { removeAtOnce } from './remove-at-once.js';
import { listRefs } from './snapshot-refs.js';

/** An interrupted download is continued by the next pull; after a day nobody seems to want it. */
const PARTIAL_MS = 86_400_000;

/** Everything in the cache that nothing needs, but models; `models` are all that are there. */
export async function findUnneeded(
  layout: CacheLayout,
  models: readonly CachedSnapshot[],
  allPartial: boolean,
): Promise<readonly Removable[]> {
  const folders = [...(await leftovers(layout)), ...(await brokenSnapshots(layout))];
  return [
    ...folders,
    ...(await locks(layout)),
    ...(await partials(layout, allPartial)),
    ...(await names(layout)),
    ...(await blobs(layout, models, await linksIn(folders.flatMap(({ paths }) => paths)))),
  ];
}

async function leftovers(layout: CacheLayout): Promise<Removable[]> {
  const items = (await findLeftovers(layout)).map((item) =>
    removable(layout, 'leftover', item, 'its process is gone', () => remove(item)),
  );
  const leases = (await findDeadLeases(layout)).map((item) =>
    removable(layout, 'lease', item, 'its process is gone', () => remove(item)),
  );
  return [...items, ...leases];
}

async function locks(layout: CacheLayout): Promise<Removable[]> {
  const items: Removable[] = [];
  for (const file of await filesOf(layout.locks)) {
    if (!(await isAbandonedLock(file))) continue;
    items.push(removable(layout, 'lock', file, 'its process is gone', () => removeAbandonedLock(file)));
  }
  return items;
}

async function partials(layout: CacheLayout, all: boolean): Promise<Removable[]> {
  const items: Removable[] = [];
  for (const file of await filesOf(layout.partials)) {
    const status = await stat(file).catch(() => undefined);
    // A time in the future was written by a clock that was wrong: as good as old.
    if (status === undefined || (!all && Math.abs(Date.now() - status.mtimeMs) < PARTIAL_MS)) continue;
    const lock = layout.lock(path.basename(file, '.part'));
    items.push(
      removable(layout, 'partial', file, 'its download was interrupted', async () => {
        return (await withFreeFileLock(lock, () => remove(file))) === true;
      }),
    );
  }
  return items;
}

async function brokenSnapshots(layout: CacheLayout): Promise<Removable[]> {
  const folders = await findBrokenSnapshots(layout.root);
  return folders.map((folder) => {
    const lock = layout.lock(`snapshot-${path.basename(path.dirname(folder))}-${path.basename(folder)}`);
    const work = async (): Promise<boolean> => {
      await removeAtOnce(layout, folder);
      await rmdir(path.dirname(folder)).catch(() => undefined);
      return true;
    };
    return removable(layout, 'broken', folder, 'its list of files is missing or broken', async () => {
      return (await withFreeFileLock(lock, work)) === true;
    });
  });
}

/** Names of snapshots that are gone: a kill in the middle of a removal leaves them. */
async function names(layout: CacheLayout): Promise<Removable[]> {
  const items: Removable[] = [];
  for (const ref of await listRefs(layout)) {
    const exists = await stat(layout.snapshot(ref.targetId, ref.target)).catch(() => undefined);
    if (exists !== undefined) continue;
    const file = layout.ref(ref.id, ref.name);
    items.push(
      removable(layout, 'name', file, 'what it stands for is gone', async () => {
        await remove(file);
        await rmdir(path.dirname(file)).catch(() => undefined);
        return true;
      }),
    );
  }
  return items;
}

/** Blobs of no model. A link beyond those in `going`, which go first, is of a snapshot that somebody is making now. */
async function blobs(
  layout: CacheLayout,
  models: readonly CachedSnapshot[],
  going: ReadonlyMap<string, number>,
): Promise<Removable[]> {
  const used = new Set(models.flatMap((model) => model.files.map((file) => path.basename(layout.blob(file.sha256)))));
  const items: Removable[] = [];
  for (const file of await filesOf(layout.blobs)) {
    const status = await stat(file).catch(() => undefined);
    if (status === undefined || used.has(path.basename(file))) continue;
    if (status.nlink - (going.get(inodeOf(status)) ?? 0) > 1) continue;
    const lock = layout.lock(path.basename(file));
    items.push(
      removable(layout, 'blob', file, 'no model uses it', async () => {
        return (await withFreeFileLock(lock, () => removeUnlinked(file))) === true;
      }),
    );
  }
  return items;
}

async function removeUnlinked(blob: string): Promise<boolean> {
  const status = await stat(blob).catch(() => undefined);
  return status?.nlink === 1 && (await remove(blob));
}

/** How many links to each file lie in some folders. */
async function linksIn(paths: readonly string[]): Promise<ReadonlyMap<string, number>> {
  const links = new Map<string, number>();
  for (const folder of paths) {
    const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch(() => []);
    for (const entry of entries) {
      if (!entry.isFile()) continue;
      const status = await stat(path.join(entry.parentPath, entry.name)).catch(() => undefined);
      if (status !== undefined) links.set(inodeOf(status), (links.get(inodeOf(status)) ?? 0) + 1);
    }
  }
  return links;
}

function inodeOf({ dev, ino }: { readonly dev: number; readonly ino: number }): string {
  return `${dev}/${ino}`;
}

async function remove(item: string): Promise<boolean> {
  await rm(item, { recursive: true, force: true });
  return true;
}

async function filesOf(folder: string): Promise<readonly string[]> {
  const found = await readdir(folder).catch(() => []);
  return found.sort().map((name) => path.join(folder, name));
}

function removable(
  layout: CacheLayout,
  kind: RemovableKind,
  item: string,
  reason: string,
  work: () => Promise<boolean>,
): Removable {
  return { kind, name: path.relative(layout.root, item), reason, paths: [item], remove: work };
}
