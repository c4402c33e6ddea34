import { readdir, rm, rmdir, stat } from 'node:fs/promises';
import path from 'node:path';

import { throwIfAborted } from '../../shared/abort.js';
import { IsovecError, isIsovecError, systemErrorCode } from '../../shared/isovec-error.js';
import type { ProgressListener } from '../../shared/progress.js';
import { findCatalogueEntry } from '../catalogue.js';
import { parseModelId } from '../model-id.js';
import { CacheLayout, snapshotId } from './cache-layout.js';
import { digestFile, matches } from './content-digest.js';
import { withFileLock } from './file-lock.js';
import { readManifest, type SnapshotFile, type SnapshotManifest } from './snapshot-manifest.js';
import { DEFAULT_REVISION, listRefs, readRef, removeRefsTo } from './snapshot-refs.js';
import { withStorageErrors } from './storage-error.js';

/** A model in the cache. */
export interface CachedSnapshot {
  readonly id: string;
  readonly revision: string;
  readonly origin: 'hub' | 'wheel';
  readonly from: string;
  /** ISO 8601. */
  readonly createdAt: string;
  /** Absolute path of the snapshot's folder. */
  readonly path: string;
  /** Branches and tags that stand for it here. */
  readonly names: readonly string[];
  /** Bytes of all files; files that several snapshots share count in each. */
  readonly size: number;
  readonly files: readonly SnapshotFile[];
}

/** What reading a cached file again showed. */
export interface FileVerdict {
  readonly name: string;
  readonly status: 'ok' | 'missing' | 'corrupt';
  readonly expected: string;
  /** SHA-256 of what is there. */
  readonly found?: string;
}

export interface SnapshotVerdict {
  readonly id: string;
  readonly revision: string;
  readonly ok: boolean;
  readonly files: readonly FileVerdict[];
}

export interface RemovedSnapshot {
  readonly id: string;
  readonly revision: string;
  /** Bytes that the disk has back: files that other snapshots share stay. */
  readonly freedBytes: number;
}

/** Every model in the cache, by id and revision. A folder that is no snapshot is left out. */
export async function listSnapshots(cacheRoot: string): Promise<readonly CachedSnapshot[]> {
  const layout = new CacheLayout(cacheRoot);
  const refs = await listRefs(layout);
  const snapshots: CachedSnapshot[] = [];
  for (const model of (await readdir(layout.snapshots).catch(() => [])).sort()) {
    const folder = path.join(layout.snapshots, model);
    for (const revision of (await readdir(folder).catch(() => [])).sort()) {
      const manifest = await readManifestLeniently(path.join(folder, revision));
      if (manifest === undefined) continue;
      const { id, origin, from, createdAt, files } = manifest;
      snapshots.push({
        id,
        revision: manifest.revision,
        origin,
        from,
        createdAt,
        path: path.join(folder, revision),
        names: refs.filter((ref) => ref.targetId === id && ref.target === manifest.revision).map((ref) => ref.name),
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

/** Reads every file of a cached model again and compares its digest. Rejects as {@link describeSnapshot}. */
export async function verifySnapshot(
  cacheRoot: string,
  id: string,
  options: { signal?: AbortSignal | undefined; onProgress?: ProgressListener | undefined } = {},
): Promise<SnapshotVerdict> {
  const snapshot = await describeSnapshot(cacheRoot, id);
  const files: FileVerdict[] = [];
  for (const file of snapshot.files) {
    throwIfAborted(options.signal);
    files.push(await verifyFile(snapshot.path, file, options));
  }
  return { id: snapshot.id, revision: snapshot.revision, ok: files.every((file) => file.status === 'ok'), files };
}

/**
 * Removes a model from the cache, with the names that stand for it and the blobs that no other model uses. Rejects
 * as {@link describeSnapshot}, and with SOURCE_FORBIDDEN if the cache may not be written.
 */
export async function removeSnapshot(
  cacheRoot: string,
  id: string,
  options: { signal?: AbortSignal | undefined } = {},
): Promise<RemovedSnapshot> {
  const snapshot = await describeSnapshot(cacheRoot, id);
  const layout = new CacheLayout(cacheRoot);
  return withStorageErrors(layout.root, async () => {
    await withFileLock(layout.snapshotLock(snapshot.id, snapshot.revision), options, async () => {
      await removeRefsTo(layout, snapshot.id, snapshot.revision);
      await rm(snapshot.path, { recursive: true, force: true });
      await rmdir(path.dirname(snapshot.path)).catch(() => undefined);
    });
    let freedBytes = 0;
    const used = new Set((await listSnapshots(cacheRoot)).flatMap((one) => one.files.map((file) => file.sha256)));
    for (const file of new Map(snapshot.files.map((one) => [one.sha256, one])).values()) {
      if (!used.has(file.sha256)) freedBytes += await removeBlob(layout, file, options);
    }
    return { id: snapshot.id, revision: snapshot.revision, freedBytes };
  });
}

async function removeBlob(
  layout: CacheLayout,
  file: SnapshotFile,
  options: { signal?: AbortSignal | undefined },
): Promise<number> {
  return withFileLock(layout.lock(`sha256-${file.sha256}`), options, async () => {
    // A snapshot that is being made right now has its own link already, and loses nothing.
    const blob = layout.blob(file.sha256);
    let links: number;
    try {
      links = (await stat(blob)).nlink;
    } catch (error) {
      if (systemErrorCode(error) === 'ENOENT') return 0;
      throw error;
    }
    await rm(blob, { force: true });
    return links > 1 ? 0 : file.size;
  });
}

async function verifyFile(
  folder: string,
  file: SnapshotFile,
  options: { signal?: AbortSignal | undefined; onProgress?: ProgressListener | undefined },
): Promise<FileVerdict> {
  try {
    const found = await digestFile(path.join(folder, ...file.name.split('/')), file, {
      signal: options.signal,
      onBytes: (done) =>
        options.onProgress?.({ phase: 'verify', subject: file.name, done, total: file.size, unit: 'bytes' }),
    });
    const status = matches(found, file) ? 'ok' : 'corrupt';
    return { name: file.name, status, expected: file.sha256, found: found.sha256 };
  } catch (error) {
    if (systemErrorCode(error) !== 'ENOENT') throw error;
    return { name: file.name, status: 'missing', expected: file.sha256 };
  }
}

async function readManifestLeniently(folder: string): Promise<SnapshotManifest | undefined> {
  try {
    return await readManifest(folder);
  } catch (error) {
    if (isIsovecError(error, 'FORMAT_INVALID')) return undefined;
    throw error;
  }
}
