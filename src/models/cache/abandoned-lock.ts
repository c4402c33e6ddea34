import { rm } from 'node:fs/promises';

import { examineLock, GUARD, removeStaleLock } from './lock-file.js';
import { isGone, isHere } from './process-identity.js';
import { QuietWatch } from './quiet-watch.js';

/** A lock that nobody asked about for so long, whose holder is elsewhere, is no lock any more. */
const FORGOTTEN_MS = 86_400_000;

/** Whether a file of the folder of locks stands for nobody any more, as far as can be told without waiting. */
export async function isAbandonedLock(file: string): Promise<boolean> {
  const found = await examineLock(file);
  if (found === undefined) return false;
  if (found.owner !== undefined && isHere(found.owner)) return isGone(found.owner);
  return Math.abs(found.age) > FORGOTTEN_MS;
}

/** Removes a lock that {@link isAbandonedLock} found, unless it changed meanwhile; tells whether it is gone. */
export async function removeAbandonedLock(file: string): Promise<boolean> {
  if (!(await isAbandonedLock(file))) return false;
  if (file.endsWith(GUARD)) {
    await rm(file, { force: true });
    return true;
  }
  const found = await examineLock(file);
  return found === undefined || removeStaleLock(file, found.stamp, new QuietWatch(), undefined);
}
