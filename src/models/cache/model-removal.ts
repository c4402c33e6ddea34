import { rm, rmdir } from 'node:fs/promises';
import path from 'node:path';

import { IsovecError } from '../../shared/isovec-error.js';
import type { CacheLayout } from './cache-layout.js';
import type { CachedSnapshot } from './cached-snapshots.js';
import { withFileLock } from './file-lock.js';
import { type Lease, listLeases } from './leases.js';
import { type CachedPreparedModel, isMadeOf } from './prepared-models.js';
import { describeProcess } from './process-identity.js';
import type { Removable } from './removable.js';
import { removeAtOnce } from './remove-at-once.js';
import { listRefs, removeRefsTo } from './snapshot-refs.js';

/** The leases of processes that have a model of the cache loaded. */
export function leasesOf(leases: readonly Lease[], { id, revision }: CachedSnapshot): readonly Lease[] {
  // The same revision may also have been loaded from Python's cache, where we remove nothing.
  return leases.filter((one) => one.id === id && one.revision === revision && one.origin !== 'python-cache');
}

/** CONFIG_INVALID, naming the processes, if a model is in use. */
export function requireUnused(leases: readonly Lease[], snapshot: CachedSnapshot): void {
  const holders = leasesOf(leases, snapshot).map((lease) => lease.holder);
  if (holders.length === 0) return;
  const who = [...new Set(holders.map(describeProcess))].join(', ');
  throw new IsovecError(
    'CONFIG_INVALID',
    `${snapshot.id}@${snapshot.revision} is in use by ${who}. End that first, or remove it all the same with --force.`,
    { data: { id: snapshot.id, revision: snapshot.revision, holders } },
  );
}

/** What goes with a model when it goes and `others` stay. */
export interface ModelRemovalPlan {
  readonly layout: CacheLayout;
  readonly others: readonly CachedSnapshot[];
  readonly prepared: readonly CachedPreparedModel[];
  /** Whether it goes although processes use it. */
  readonly force: boolean;
  /** Whether it stays when a name stands for it by then: a pull names what it fetched before it gives the lock back. */
  readonly unlessNamed?: boolean | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** A model with its names, its prepared forms, and the blobs that no other model uses. */
export function modelRemoval(snapshot: CachedSnapshot, reason: string, plan: ModelRemovalPlan): Removable {
  const { layout, others, force, signal } = plan;
  const used = new Set(others.flatMap((one) => one.files.map((file) => file.sha256)));
  const digests = [...new Set(snapshot.files.map((file) => file.sha256))].filter((one) => !used.has(one));
  const prepared = plan.prepared.filter((one) => isMadeOf(one, snapshot.path));
  return {
    kind: 'model',
    name: `${snapshot.id}@${snapshot.revision}`,
    reason,
    paths: [snapshot.path, ...prepared.map((one) => one.path), ...digests.map((one) => layout.blob(one))],
    async remove() {
      const done = await withFileLock(
        layout.snapshotLock(snapshot.id, snapshot.revision),
        { signal },
        async (): Promise<boolean> => {
          if (!force && leasesOf(await listLeases(layout), snapshot).length > 0) return false;
          if (plan.unlessNamed === true && (await isNamed(layout, snapshot))) return false;
          await removeAtOnce(layout, snapshot.path);
          await removeRefsTo(layout, snapshot.id, snapshot.revision);
          await rmdir(path.dirname(snapshot.path)).catch(() => undefined);
          return true;
        },
      );
      if (!done) return false;
      for (const one of prepared) await removeAtOnce(layout, one.path);
      for (const digest of digests) {
        // A snapshot that is being made right now has its own link already, and loses nothing.
        await withFileLock(layout.lock(`sha256-${digest}`), { signal }, () => rm(layout.blob(digest), { force: true }));
      }
      return true;
    },
  };
}

async function isNamed(layout: CacheLayout, { id, revision }: CachedSnapshot): Promise<boolean> {
  const refs = await listRefs(layout);
  return refs.some((ref) => ref.targetId === id && ref.target === revision);
}
