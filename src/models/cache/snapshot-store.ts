import { copyFile, link, mkdir, realpath, rename, rm, stat } from 'node:fs/promises';
import path from 'node:path';

import { isIsovecError, IsovecError, systemErrorCode } from '../../shared/isovec-error.js';
import type { Logger } from '../../shared/log.js';
import type { ProgressListener } from '../../shared/progress.js';
import type { ModelFile, ModelFiles } from '../model-files.js';
import type { RemoteSnapshot } from '../sources/source.js';
import { withBlob } from './blob-store.js';
import type { CacheLayout } from './cache-layout.js';
import { describeContent, digestFile, matches } from './content-digest.js';
import { syncFolder, writeNewFile } from './durable-files.js';
import { withFileLock } from './file-lock.js';
import { removeLeftovers } from './leftovers.js';
import { MANIFEST, readManifest, type SnapshotFile, type SnapshotManifest } from './snapshot-manifest.js';

export interface SnapshotOptions {
  readonly signal?: AbortSignal | undefined;
  readonly logger?: Logger | undefined;
  readonly onProgress?: ProgressListener | undefined;
  /** Whether to read every file of a snapshot that is there and check its digest; lengths are always checked. */
  readonly verify?: boolean | undefined;
}

/**
 * A snapshot of the cache as a model's files; undefined if there is none. MODEL_FILE_MISSING, DIGEST_MISMATCH or
 * FORMAT_INVALID if it was damaged since it was made. Writes nothing.
 */
export async function openSnapshot(
  layout: CacheLayout,
  id: string,
  revision: string,
  options: SnapshotOptions = {},
): Promise<ModelFiles | undefined> {
  const folder = layout.snapshot(id, revision);
  const manifest = await readManifest(folder);
  // File systems that ignore case give the folder of another id.
  if (manifest?.id !== id || manifest.revision !== revision) return undefined;
  const root = await realpath(folder);
  const files = new Map<string, ModelFile>();
  for (const entry of manifest.files) {
    const file = path.join(root, ...entry.name.split('/'));
    await checkFile(file, entry, options);
    files.set(entry.name, { name: entry.name, path: file, size: entry.size });
  }
  return { id, revision, origin: manifest.origin, root, files };
}

/**
 * Fetches what a source offers into the cache, and returns the snapshot. It becomes visible at once, when every file
 * is there; a snapshot that is there already and sound is returned as it is, a damaged one is replaced. `onStored` runs
 * while the snapshot is still locked, so that nobody takes one whose name is yet to come for one that nobody needs.
 */
export async function storeSnapshot(
  layout: CacheLayout,
  remote: RemoteSnapshot,
  options: SnapshotOptions,
  onStored: (files: ModelFiles) => Promise<void>,
): Promise<ModelFiles> {
  const final = layout.snapshot(remote.id, remote.revision);
  return withFileLock(layout.snapshotLock(remote.id, remote.revision), options, async () => {
    // Also when nothing is left to fetch: a process may have been killed between the snapshot and its name.
    await removeLeftovers(layout);
    const present = await soundSnapshot(layout, remote, options);
    if (present !== undefined) {
      await onStored(present);
      return present;
    }
    const folder = layout.temporaryFolder();
    try {
      await mkdir(folder, { recursive: true });
      await fill(layout, remote, folder, options);
      await mkdir(path.dirname(final), { recursive: true });
      await rm(final, { recursive: true, force: true });
      await rename(folder, final);
      await syncFolder(path.dirname(final));
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
    const stored = await openSnapshot(layout, remote.id, remote.revision);
    if (stored === undefined) throw new IsovecError('INTERNAL', `The snapshot ${final} vanished as it was written.`);
    await onStored(stored);
    return stored;
  });
}

async function soundSnapshot(
  layout: CacheLayout,
  remote: RemoteSnapshot,
  options: SnapshotOptions,
): Promise<ModelFiles | undefined> {
  try {
    const present = await openSnapshot(layout, remote.id, remote.revision, options);
    const complete = present !== undefined && remote.files.every((file) => present.files.has(file.name));
    return complete ? present : undefined;
  } catch (error) {
    if (!isDamage(error)) throw error;
    options.logger?.warn(`${error.message} It is fetched again.`, error.data);
    return undefined;
  }
}

/** Whether an error of {@link openSnapshot} says that the snapshot is damaged, so that fetching again would help. */
export function isDamage(error: unknown): error is IsovecError {
  return (
    isIsovecError(error, 'MODEL_FILE_MISSING') ||
    isIsovecError(error, 'DIGEST_MISMATCH') ||
    isIsovecError(error, 'FORMAT_INVALID')
  );
}

async function fill(
  layout: CacheLayout,
  remote: RemoteSnapshot,
  folder: string,
  options: SnapshotOptions,
): Promise<void> {
  const files: SnapshotFile[] = [];
  for (const file of remote.files) {
    const target = path.join(folder, ...file.name.split('/'));
    await mkdir(path.dirname(target), { recursive: true });
    const onBytes = (done: number): void =>
      options.onProgress?.({
        phase: 'download',
        subject: file.name,
        done,
        total: file.expected.size,
        unit: 'bytes',
      });
    const content = await withBlob(layout, file, { ...options, onBytes }, async (blob, found) => {
      await placeFile(blob, target);
      return found;
    });
    files.push({ name: file.name, size: content.size, sha256: content.sha256 });
  }
  const manifest: SnapshotManifest = {
    format: 1,
    id: remote.id,
    revision: remote.revision,
    origin: remote.origin,
    from: remote.from,
    createdAt: new Date().toISOString(),
    files,
  };
  await writeNewFile(path.join(folder, MANIFEST), `${JSON.stringify(manifest, undefined, 2)}\n`);
  await syncFolder(folder);
}

/** Hard link, so that every snapshot is a folder of real files at no cost; a copy where the file system has none. */
async function placeFile(blob: string, target: string): Promise<void> {
  try {
    await link(blob, target);
  } catch (error) {
    const code = systemErrorCode(error);
    if (code === 'ENOENT' || code === 'ENOSPC') throw error;
    await copyFile(blob, target);
  }
}

async function checkFile(file: string, entry: SnapshotFile, options: SnapshotOptions): Promise<void> {
  let size: number;
  try {
    const status = await stat(file);
    size = status.isFile() ? status.size : -1;
  } catch (cause) {
    if (systemErrorCode(cause) !== 'ENOENT') throw cause;
    throw new IsovecError('MODEL_FILE_MISSING', `The cached file ${file} is missing.`, {
      cause,
      data: { file: entry.name },
    });
  }
  const expected = describeContent(entry);
  let found = `${size} bytes`;
  if (size === entry.size) {
    if (options.verify !== true) return;
    const content = await digestFile(file, entry, {
      signal: options.signal,
      onBytes: (done) =>
        options.onProgress?.({ phase: 'verify', subject: entry.name, done, total: entry.size, unit: 'bytes' }),
    });
    if (matches(content, entry)) return;
    found = describeContent(content);
  }
  throw new IsovecError(
    'DIGEST_MISMATCH',
    `The cached file ${file} is damaged: expected ${expected}, found ${found}.`,
    {
      data: { file: entry.name, expected, found },
    },
  );
}
