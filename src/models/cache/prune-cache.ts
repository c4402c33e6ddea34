import { throwIfAborted } from '../../shared/abort.js';
import { removableEnvironments } from './bridge-environments.js';
import { CacheLayout } from './cache-layout.js';
import { type CachedSnapshot, listSnapshots } from './cached-snapshots.js';
import { type Lease, listLeases } from './leases.js';
import { LinkLedger } from './link-ledger.js';
import { leasesOf, modelRemoval } from './model-removal.js';
import {
  type CachedPreparedModel,
  isMadeOf,
  listPreparedModels,
  removePrepared,
  uselessness,
} from './prepared-models.js';
import type { Removable, RemovableKind } from './removable.js';
import { withStorageErrors } from './storage-error.js';
import { findUnneeded } from './unneeded-files.js';

export interface PruneOptions {
  /** Whether to tell what would go, and remove nothing. */
  readonly dryRun?: boolean | undefined;
  /** Models that nobody used for so many milliseconds go, too. */
  readonly unusedFor?: number | undefined;
  /** Whether downloads that were interrupted within the last day go, too. */
  readonly allPartial?: boolean | undefined;
  /** Whether whole environments of the bridge go, too. */
  readonly bridge?: boolean | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** Something that was removed, or would be. */
export interface PrunedItem {
  readonly kind: RemovableKind;
  readonly name: string;
  readonly reason: string;
  readonly freedBytes: number;
}

/** A model that would have gone, had no process used it. */
export interface KeptModel {
  readonly id: string;
  readonly revision: string;
  readonly holders: readonly Lease['holder'][];
}

export interface PruneReport {
  readonly removed: readonly PrunedItem[];
  /** Bytes that the disk has back. */
  readonly freedBytes: number;
  readonly kept: readonly KeptModel[];
}

/**
 * Removes from the cache what nothing needs: leftovers of processes that are gone, old partial downloads, blobs of no
 * model, prepared models that will not be used again, environments of Python that are not whole, revisions that a branch has
 * left behind, names of nothing; and, where it is asked for, models that were not used for long and whole environments. What a live process uses or works on stays.
 * SOURCE_FORBIDDEN if the cache may not be written, ABORTED between two things.
 */
export async function pruneCache(cacheRoot: string, options: PruneOptions = {}): Promise<PruneReport> {
  const layout = new CacheLayout(cacheRoot);
  return withStorageErrors(layout.root, async () => {
    const leases = await listLeases(layout);
    const snapshots = await listSnapshots(cacheRoot);
    const models = chooseModels(snapshots, leases, options);
    const prepared = await listPreparedModels(layout);
    const items = [
      ...(await findUnneeded(layout, snapshots, options.allPartial === true)),
      ...modelItems(layout, models, prepared, options.signal),
      ...(await removableEnvironments(layout, leases, options.bridge === true)),
      ...(await preparedItems(layout, models, prepared, leases, options.unusedFor)),
    ];
    const ledger = new LinkLedger();
    const removed: PrunedItem[] = [];
    for (const { kind, name, reason, paths, remove } of items) {
      throwIfAborted(options.signal);
      const freedBytes = await ledger.freedBy(paths);
      if (options.dryRun === true || (await remove())) removed.push({ kind, name, reason, freedBytes });
    }
    return { removed, freedBytes: removed.reduce((sum, item) => sum + item.freedBytes, 0), kept: models.kept };
  });
}

interface ChosenModels {
  readonly going: readonly { readonly snapshot: CachedSnapshot; readonly reason: string }[];
  readonly staying: readonly CachedSnapshot[];
  readonly kept: readonly KeptModel[];
}

function chooseModels(
  snapshots: readonly CachedSnapshot[],
  leases: readonly Lease[],
  { unusedFor }: PruneOptions,
): ChosenModels {
  const going: { snapshot: CachedSnapshot; reason: string }[] = [];
  const kept: KeptModel[] = [];
  for (const snapshot of snapshots) {
    const { id, revision, lastUsedAt } = snapshot;
    const reason = isSuperseded(snapshot, snapshots)
      ? 'no name stands for this revision any more'
      : isUnused(Date.parse(lastUsedAt), unusedFor)
        ? `not used since ${lastUsedAt.slice(0, 10)}`
        : undefined;
    if (reason === undefined) continue;
    const holders = leasesOf(leases, snapshot).map((lease) => lease.holder);
    if (holders.length > 0) kept.push({ id, revision, holders });
    else going.push({ snapshot, reason });
  }
  const paths = new Set(going.map(({ snapshot }) => snapshot.path));
  return { going, staying: snapshots.filter((one) => !paths.has(one.path)), kept };
}

/** A revision that was fetched for a branch, which has gone on to another one here. Wheels have no branches. */
function isSuperseded(snapshot: CachedSnapshot, all: readonly CachedSnapshot[]): boolean {
  if (snapshot.origin !== 'hub' || snapshot.pinned || snapshot.names.length > 0) return false;
  return all.some((other) => other.id === snapshot.id && other.names.length > 0);
}

/** A time in the future was written by a clock that was wrong, and says nothing. */
function isUnused(lastUsed: number, unusedFor: number | undefined): boolean {
  return unusedFor !== undefined && Date.now() - lastUsed > unusedFor;
}

function modelItems(
  layout: CacheLayout,
  { going, staying }: ChosenModels,
  prepared: readonly CachedPreparedModel[],
  signal: AbortSignal | undefined,
): readonly Removable[] {
  const plan = { layout, prepared, force: false, signal };
  const items: Removable[] = [];
  for (const [at, { snapshot, reason }] of going.entries()) {
    // A blob that several of them share goes with the last one.
    const others = [...staying, ...going.slice(at + 1).map((one) => one.snapshot)];
    items.push(modelRemoval(snapshot, reason, { ...plan, others, unlessNamed: snapshot.names.length === 0 }));
  }
  return items;
}

async function preparedItems(
  layout: CacheLayout,
  { going }: ChosenModels,
  prepared: readonly CachedPreparedModel[],
  leases: readonly Lease[],
  unusedFor: number | undefined,
): Promise<readonly Removable[]> {
  const inUse = new Set(leases.map((lease) => lease.prepared));
  const items: Removable[] = [];
  for (const model of prepared) {
    if (inUse.has(model.key) || going.some(({ snapshot }) => isMadeOf(model, snapshot.path))) continue;
    const unused =
      model.lastUsed !== undefined && isUnused(model.lastUsed, unusedFor) ? 'not used for long' : undefined;
    const reason = (await uselessness(model)) ?? unused;
    if (reason === undefined) continue;
    const name = `prepared/${model.key}${model.source === undefined ? '' : ` (${model.source.id})`}`;
    items.push({ kind: 'prepared', name, reason, paths: [model.path], remove: () => removePrepared(layout, model) });
  }
  return items;
}
