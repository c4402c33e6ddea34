import { mkdtemp, rm, stat, statfs } from 'node:fs/promises';
import path from 'node:path';
import { CacheLayout } from '../../models/cache/cache-layout.js';
import { folderSize } from '../../models/cache/folder-size.js';
import { systemErrorCode } from '../../shared/isovec-error.js';
import { formatBytes } from '../text/format-bytes.js';
import type { DoctorFinding } from './finding.js';

/** A model and its download side by side; below it the first download is likely to fail. */
const LITTLE_ROOM = 500 * 1000 * 1000;

/** The folder of the cache: size, free room, and whether it can be written. Nothing is left behind. */
export async function cacheFindings(cacheRoot: string): Promise<DoctorFinding[]> {
  const name = 'cache';
  const root = path.resolve(cacheRoot);
  const existing = await nearestFolder(root);
  const size = existing === root ? await sizeOf(root) : 'not made yet';
  try {
    await rm(await mkdtemp(path.join(existing, '.isovec-doctor-')), { recursive: true });
  } catch (error) {
    const detail = `${root}, ${size}; cannot be written (${systemErrorCode(error) ?? 'unknown reason'})`;
    const wayOut = 'Set ISOVEC_HOME to a folder that can be written, or pass --cache.';
    return [{ name, status: 'fail', detail, wayOut, essential: true }];
  }
  const { bavail, bsize } = await statfs(existing);
  const detail = `${root}, ${size}; ${formatBytes(bavail * bsize)} free`;
  if (bavail * bsize >= LITTLE_ROOM) return [{ name, status: 'ok', detail }];
  return [{ name, status: 'warn', detail, wayOut: 'Free some room, or set ISOVEC_HOME to another disk.' }];
}

/** Of the whole cache, and of the environments of Python in it, which are larger than most models. */
async function sizeOf(root: string): Promise<string> {
  const environments = await folderSize(new CacheLayout(root).bridge);
  const part = environments === 0 ? '' : ` (${formatBytes(environments)} of it for the bridge)`;
  return `${formatBytes(await folderSize(root))}${part}`;
}

/** What exists on the way to a location: it may be no folder, which shows when something is put there. */
async function nearestFolder(location: string): Promise<string> {
  let folder = location;
  while ((await stat(folder).catch(() => undefined)) === undefined) {
    const parent = path.dirname(folder);
    if (parent === folder) return folder;
    folder = parent;
  }
  return folder;
}
