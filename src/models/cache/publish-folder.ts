import { rename, rm } from 'node:fs/promises';
import path from 'node:path';

import { systemErrorCode } from '../../shared/isovec-error.js';
import { syncFolder } from './durable-files.js';

/** How a system says that the target of a rename is a folder with something in it. */
const OCCUPIED: ReadonlySet<string | undefined> = new Set(['ENOTEMPTY', 'EEXIST', 'EPERM']);
/** Other processes may publish under the same name at the same time; each try loses to one of them. */
const MAX_TRIES = 5;

/**
 * Gives a finished folder its name; both must lie on one file system. If the name is taken, the folder there stays when
 * `keep` says so (and the finished one is removed); else it is renamed aside first and removed last, so that a kill at
 * any moment leaves an old or a new folder, whole, and never loses both.
 */
export async function publishFolder(finished: string, target: string, keep: () => Promise<boolean>): Promise<void> {
  await syncFolder(finished);
  for (let attempt = 1; ; attempt++) {
    try {
      await rename(finished, target);
      break;
    } catch (error) {
      if (!OCCUPIED.has(systemErrorCode(error)) || attempt === MAX_TRIES) throw error;
    }
    if (await keep()) {
      await rm(finished, { recursive: true, force: true });
      return;
    }
    await replace(finished, target);
    break;
  }
  await syncFolder(path.dirname(target));
}
