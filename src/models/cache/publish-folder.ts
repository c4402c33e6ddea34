import { rename, rm } from 'node:fs/promises';
import path from 'node:path';

import { systemErrorCode } from '../../shared/isovec-error.js';
import { syncFolder } from './durable-files.js';

/** How systems say that the target of a rename is a folder with something in it. */
const OCCUPIED: ReadonlySet<string | undefined> = new Set(['ENOTEMPTY', 'EEXIST', 'EPERM']);

/** Options of {@link publishFolder}. */
export interface PublishOptions {
  /** Unused name on the same file system, for a folder that makes way. */
  readonly aside: string;
  /** Whether the folder that has the name already should stay. */
  readonly keep: () => Promise<boolean>;
}

/**
 * Gives a finished folder its name. If the name is taken, the folder there stays when `keep` says so, and the finished
 * one is left to the caller; else it is renamed aside first and removed last, so that a kill at any moment leaves the
 * old or the new folder, whole.
 */
export async function publishFolder(finished: string, target: string, { aside, keep }: PublishOptions): Promise<void> {
  await syncFolder(finished);
  try {
    await rename(finished, target);
  } catch (error) {
    if (!OCCUPIED.has(systemErrorCode(error))) throw error;
    if (await keep()) return;
    await rename(target, aside);
    try {
      await rename(finished, target);
    } catch (second) {
      // Another process may have published meanwhile; then there is nothing to put back.
      await rename(aside, target).catch(() => undefined);
      throw second;
    }
  }
  await syncFolder(path.dirname(target));
  await rm(aside, { recursive: true, force: true });
}
