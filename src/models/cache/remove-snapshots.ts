import { IsovecError } from '../../shared/isovec-error.js';
import { CacheLayout } from './cache-layout.js';
import { type CachedSnapshot, describeSnapshot, listSnapshots } from './cached-snapshots.js';
import { listLeases } from './leases.js';
import { LinkLedger } from './link-ledger.js';
import { modelRemoval, requireUnused } from './model-removal.js';
import { listPreparedModels } from './prepared-models.js';
import { withStorageErrors } from './storage-error.js';

export interface RemovedSnapshot {
  readonly id: string;
  readonly revision: string;
  /** Bytes that the disk has back: files that other snapshots share stay. */
  readonly freedBytes: number;
}

export interface RemoveOptions {
  /** Whether to remove models that processes use, too. */
  readonly force?: boolean | undefined;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Removes models from the cache, with the names that stand for them, their prepared forms and the blobs that no other
 * model uses. Nothing is removed unless all can be: rejects as `describeSnapshot`, with CONFIG_INVALID if a process uses
 * one (`data.holders`), and with SOURCE_FORBIDDEN if the cache may not be written.
 */
export async function removeSnapshots(
  cacheRoot: string,
  ids: readonly string[],
  options: RemoveOptions = {},
): Promise<readonly RemovedSnapshot[]> {
  const layout = new CacheLayout(cacheRoot);
  const force = options.force === true;
  const snapshots = new Map<string, CachedSnapshot>();
  for (const id of ids) {
    const snapshot = await describeSnapshot(cacheRoot, id);
    snapshots.set(snapshot.path, snapshot);
  }
  const leases = await listLeases(layout);
  if (!force) for (const snapshot of snapshots.values()) requireUnused(leases, snapshot);
  return withStorageErrors(layout.root, async () => {
    const removed: RemovedSnapshot[] = [];
    const ledger = new LinkLedger();
    for (const snapshot of snapshots.values()) {
      const others = (await listSnapshots(cacheRoot)).filter((one) => one.path !== snapshot.path);
      const prepared = await listPreparedModels(layout);
      const { signal } = options;
      const item = modelRemoval(snapshot, 'asked for', { layout, others, prepared, force, signal });
      const freedBytes = await ledger.freedBy(item.paths);
      if (!(await item.remove())) {
        requireUnused(await listLeases(layout), snapshot);
        throw new IsovecError('CONFIG_INVALID', `${item.name} was in use a moment ago. Try again.`);
      }
      removed.push({ id: snapshot.id, revision: snapshot.revision, freedBytes });
    }
    return removed;
  });
}
