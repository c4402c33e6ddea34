import { readdir, rmdir, stat } from 'node:fs/promises';
import path from 'node:path';

import { isAbandonedLock } from './abandoned-lock.js';
import type { CacheLayout } from './cache-layout.js';
import { withFreeFileLock } from './file-lock.js';
import { type Lease, listLeases } from './leases.js';
import type { Removable } from './removable.js';
import { removeAtOnce } from './remove-at-once.js';

/** A virtual environment of Python in the cache. */
export interface BridgeEnvironment {
  /** Of the backend that it has the packages of. */
  readonly backend: string;
  readonly path: string;
  /** Whether its installation came to its end. */
  readonly complete: boolean;
}

/** A file that says that an environment is whole: packages take minutes to install, and may be interrupted. */
export function markOf(folder: string): string {
  return path.join(folder, 'isovec-complete');
}

/** Every virtual environment in the cache. */
export async function listEnvironments(layout: CacheLayout): Promise<readonly BridgeEnvironment[]> {
  const backends = (await readdir(layout.bridge).catch(() => [])).sort();
  return Promise.all(
    backends.map(async (backend) => {
      const folder = layout.environment(backend);
      return { backend, path: folder, complete: await exists(markOf(folder)) };
    }),
  );
}

/** Environments whose installation was interrupted, or all of them; none that a process uses or installs. */
export async function removableEnvironments(
  layout: CacheLayout,
  leases: readonly Lease[],
  all: boolean,
): Promise<readonly Removable[]> {
  const items: Removable[] = [];
  for (const environment of await listEnvironments(layout)) {
    const { backend, path: folder, complete } = environment;
    const lock = layout.environmentLock(backend);
    const isInstalled = (await exists(lock)) && !(await isAbandonedLock(lock));
    if ((complete && !all) || isInstalled || isUsed(environment, leases)) continue;
    const remove = async (): Promise<boolean> => {
      if (!all && (await exists(markOf(folder)))) return false;
      if (isUsed(environment, await listLeases(layout))) return false;
      await removeAtOnce(layout, folder);
      await rmdir(layout.bridge).catch(() => undefined);
      return true;
    };
    items.push({
      kind: 'bridge',
      name: path.relative(layout.root, folder),
      reason: complete ? 'asked for' : 'its installation was interrupted',
      paths: [folder],
      remove: async () => (await withFreeFileLock(lock, remove)) === true,
    });
  }
  return items;
}

function isUsed({ path: folder }: BridgeEnvironment, leases: readonly Lease[]): boolean {
  return leases.some(({ python }) => python.startsWith(folder + path.sep));
}

async function exists(file: string): Promise<boolean> {
  return (await stat(file).catch(() => undefined)) !== undefined;
}
