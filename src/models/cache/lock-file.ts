import { open, readFile, rm, stat } from 'node:fs/promises';
import path from 'node:path';

import { systemErrorCode } from '../../shared/isovec-error.js';
import type { Logger } from '../../shared/log.js';
import { parseIdentity, type ProcessIdentity } from './process-identity.js';
import type { QuietWatch } from './quiet-watch.js';

/** A guard is held for a few system calls; one that stays belonged to a process killed between them. */
const SILENT_GUARD_MS = 2_000;
/** What is appended to a lock's name for the file that guards its removal. */
export const GUARD: string = '.takeover';

/** Who holds a lock; the token tells one holding from the next. */
export interface LockOwner extends ProcessIdentity {
  readonly token: string;
}

/** A lock file as it was found. */
export interface FoundLock {
  readonly owner: LockOwner | undefined;
  /** Changes with every heartbeat and every new holder. */
  readonly stamp: string;
  /** By the clock, which may be wrong on either host. */
  readonly age: number;
}

/** Creates a lock file unless there is one; tells whether it did. */
export async function createLock(file: string, owner: LockOwner): Promise<boolean> {
  let handle;
  try {
    handle = await open(file, 'wx');
  } catch (error) {
    if (systemErrorCode(error) === 'EEXIST') return false;
    throw error;
  }
  try {
    await handle.writeFile(JSON.stringify(owner));
  } catch (error) {
    await rm(file, { force: true });
    throw error;
  } finally {
    await handle.close();
  }
  return true;
}

/** A lock file as it is now; undefined if there is none. */
export async function examineLock(file: string): Promise<FoundLock | undefined> {
  try {
    // Opening first makes a network file system ask its server, so that the status is fresh.
    const text = await readFile(file, 'utf8');
    const { mtimeMs, ino } = await stat(file);
    return { owner: parseOwner(text), stamp: `${mtimeMs} ${ino} ${text}`, age: Date.now() - mtimeMs };
  } catch (error) {
    if (systemErrorCode(error) === 'ENOENT') return undefined;
    throw error;
  }
}

function parseOwner(text: string): LockOwner | undefined {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return undefined;
  }
  const identity = parseIdentity(value);
  if (identity === undefined || typeof value !== 'object' || value === null || !('token' in value)) return undefined;
  return typeof value.token === 'string' ? { ...identity, token: value.token } : undefined;
}

/**
 * Removes a stale lock, and tells whether something changed. Two waiters may both find it stale, and the slower must
 * not remove the lock that the faster has made since: a guard file lets one at a time look again and remove.
 */
export async function removeStaleLock(
  file: string,
  stamp: string,
  guardWatch: QuietWatch,
  logger: Logger | undefined,
): Promise<boolean> {
  const guard = `${file}${GUARD}`;
  try {
    await (await open(guard, 'wx')).close();
  } catch (error) {
    if (systemErrorCode(error) !== 'EEXIST') throw error;
    const found = await examineLock(guard);
    if (found === undefined) return true;
    if (guardWatch.quietFor(found.stamp) < SILENT_GUARD_MS) return false;
    await rm(guard, { force: true });
    return true;
  }
  try {
    if ((await examineLock(file))?.stamp !== stamp) return true;
    await rm(file, { force: true });
    logger?.warn(`Took over ${path.basename(file)}, left behind by a process that is gone.`, { lock: file });
    return true;
  } finally {
    await rm(guard, { force: true });
  }
}
