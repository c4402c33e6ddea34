import { mkdtemp, readdir, rm, stat, statfs } from 'node:fs/promises';
import path from 'node:path';
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
  const size = existing === root ? formatBytes(await folderSize(root).catch(() => 0)) : 'not made yet';
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

/** Bytes of all files; hard links to one file count once. */
async function folderSize(root: string): Promise<number> {
  const seen = new Set<string>();
  let bytes = 0;
  for (const entry of await readdir(root, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    // Files come and go while others work in the cache.
    const status = await stat(path.join(entry.parentPath, entry.name)).catch(() => undefined);
    if (status === undefined || seen.has(`${status.dev}/${status.ino}`)) continue;
    seen.add(`${status.dev}/${status.ino}`);
    bytes += status.size;
  }
  return bytes;
}
