import { createHash } from 'node:crypto';
import { readdir, realpath, stat } from 'node:fs/promises';
import path from 'node:path';

import { IsovecError, isIsovecError } from '../../shared/isovec-error.js';
import { findCatalogueEntry } from '../catalogue.js';
import { parseModelId } from '../model-id.js';
import { CacheLayout, snapshotId } from './cache-layout.js';
import { MANIFEST, readManifest, type SnapshotFile, type SnapshotManifest } from './snapshot-manifest.js';
import { DEFAULT_REVISION, listRefs, readRef } from './snapshot-refs.js';

/** A model in the cache. */
export interface CachedSnapshot {
  readonly id: string;
  readonly revision: string;
  readonly origin: 'hub' | 'wheel';
  readonly from: string;
  /** ISO 8601. */
  readonly createdAt: string;
  /** Absolute path of the snapshot's folder; symbolic links are resolved. */
  readonly path: string;
  /** ISO 8601, to the minute; when it was fetched if it was not used since. */
  readonly lastUsedAt: string;
  /** SHA-256 over the SHA-256 and the name of every file, by name: the same for the same files. */
  readonly digest: string;
  /** Branches and tags that stand for it here. */
  readonly names: readonly string[];
  /** Whether it was asked for by its commit. */
  readonly pinned: boolean;
  /** Bytes of all files; files that several snapshots share count in each. */
  readonly size: number;
  readonly files: readonly SnapshotFile[];
}

/** Every model in the cache, by id and revision. A folder that is no snapshot is left out. */
export async function listSnapshots(cacheRoot: string): Promise<readonly CachedSnapshot[]> {
  const layout = new CacheLayout(cacheRoot);
  const refs = await listRefs(layout);
  const root = await realpath(layout.snapshots).catch(() => layout.snapshots);
  const snapshots: CachedSnapshot[] = [];
  for (const model of (await readdir(layout.snapshots).catch(() => [])).sort()) {
    const folder = path.join(root, model);
    for (const revision of (await readdir(folder).catch(() => [])).sort()) {
      const manifest = await readManifestLeniently(path.join(folder, revision));
      if (manifest === undefined) continue;
      const { id, origin, from, createdAt, files } = manifest;
      const names = refs
        .filter((ref) => ref.targetId === id && ref.target === manifest.revision)
        .map((ref) => ref.name);
      snapshots.push({
        id,
        revision: manifest.revision,
        origin,
        from,
        createdAt,
        path: path.join(folder, revision),
        lastUsedAt: (await lastUse(path.join(folder, revision))) ?? createdAt,
        digest: contentDigest(files),
        names: [...new Set(names)].filter((name) => name !== manifest.revision),
        pinned: names.includes(manifest.revision),
        size: files.reduce((sum, file) => sum + file.size, 0),
        files,
      });
    }
  }
  return snapshots;
}

/**
 * One model in the cache, by `org/name[@revision]`, alias or `wheel:PACKAGE==VERSION`. Without a revision it is the
 * one of the default branch, or the only one. MODEL_NOT_FOUND if there is none; CONFIG_INVALID if the id is wrong or
 * leaves a choice.
 */
export async function describeSnapshot(cacheRoot: string, id: string): Promise<CachedSnapshot> {
  const parsed = parseModelId(id);
  if (parsed.kind === 'folder') {
    throw new IsovecError('CONFIG_INVALID', `${id} is a folder: folders are used where they are, not cached.`);
  }
  const asked = snapshotId(parsed);
  const canonical = (await findCatalogueEntry(asked))?.id ?? asked;
  const layout = new CacheLayout(cacheRoot);
  const revision = parsed.kind === 'hub' ? parsed.revision : parsed.version;
  const ref = await readRef(layout, canonical, revision ?? DEFAULT_REVISION);
  const all = await listSnapshots(cacheRoot);
  const exact = all.find(
    (one) => one.id === (ref?.targetId ?? canonical) && one.revision === (ref?.target ?? revision),
  );
  if (exact !== undefined) return exact;
  const [only, ...others] = revision === undefined ? all.filter((one) => one.id === canonical) : [];
  if (only === undefined) {
    throw new IsovecError(
      'MODEL_NOT_FOUND',
      `${id} is not in the cache ${layout.root}. 'isovec pull ${id}' fetches it.`,
    );
  }
  if (others.length > 0) {
    const known = [only, ...others].map((one) => `${one.id}@${one.revision}`).join(', ');
    throw new IsovecError('CONFIG_INVALID', `${id} is in the cache more than once; name one of ${known}.`);
  }
  return only;
}

/** Folders where a snapshot should be whose manifest is missing or broken, so that nothing can use them. */
export async function findBrokenSnapshots(cacheRoot: string): Promise<readonly string[]> {
  const layout = new CacheLayout(cacheRoot);
  const broken: string[] = [];
  for (const model of (await readdir(layout.snapshots).catch(() => [])).sort()) {
    const folder = path.join(layout.snapshots, model);
    for (const revision of (await readdir(folder).catch(() => [])).sort()) {
      if ((await readManifestLeniently(path.join(folder, revision))) === undefined) {
        broken.push(path.join(folder, revision));
      }
    }
  }
  return broken;
}

/** A load sets the time of the manifest, which is no part of the snapshot's content. */
async function lastUse(folder: string): Promise<string | undefined> {
  const status = await stat(path.join(folder, MANIFEST)).catch(() => undefined);
  return status?.mtime.toISOString();
}

function contentDigest(files: readonly SnapshotFile[]): string {
  const lines = files.map(({ name, sha256 }) => `${name}\n${sha256}\n`).sort();
  return createHash('sha256').update(lines.join('')).digest('hex');
}

async function readManifestLeniently(folder: string): Promise<SnapshotManifest | undefined> {
  try {
    return await readManifest(folder);
  } catch (error) {
    if (isIsovecError(error, 'FORMAT_INVALID')) return undefined;
    throw error;
  }
}
