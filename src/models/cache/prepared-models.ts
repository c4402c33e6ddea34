import { readdir, stat } from 'node:fs/promises';
import path from 'node:path';

import type { CacheLayout } from './cache-layout.js';
import { listLeases } from './leases.js';
import { removeAtOnce } from './remove-at-once.js';
import { isCurrent, preparedKey, type PreparedSource, readPreparedSource, SOURCE_FILE } from './prepared-source.js';

/** A prepared model in the cache. */
export interface CachedPreparedModel {
  readonly key: string;
  readonly path: string;
  /** What it was made of; undefined if another version wrote it. */
  readonly source: PreparedSource | undefined;
  /** Milliseconds since 1970; undefined where {@link source} is. */
  readonly lastUsed: number | undefined;
}

/** Every prepared model in the cache. */
export async function listPreparedModels(layout: CacheLayout): Promise<readonly CachedPreparedModel[]> {
  const models: CachedPreparedModel[] = [];
  for (const key of (await readdir(layout.preparedModels).catch(() => [])).sort()) {
    const folder = layout.prepared(key);
    const source = await readPreparedSource(folder);
    const status = await stat(path.join(folder, SOURCE_FILE)).catch(() => undefined);
    models.push({ key, path: folder, source, lastUsed: source === undefined ? undefined : status?.mtimeMs });
  }
  return models;
}

/** Why nothing will use a prepared model again; undefined if it is of use. */
export async function uselessness({ key, source }: CachedPreparedModel): Promise<string | undefined> {
  if (source === undefined) return 'another version wrote it';
  if (preparedKey(source) === key && (await isCurrent(source))) return undefined;
  return 'the files it was made of are gone or have changed';
}

/** Whether a prepared model was made of files in a folder. */
export function isMadeOf({ source }: CachedPreparedModel, folder: string): boolean {
  return source?.files.some(([, file]) => file.startsWith(folder + path.sep)) === true;
}

/** Removes a prepared model unless a process has it loaded; tells whether it is gone. */
export async function removePrepared(
  layout: CacheLayout,
  { key, path: folder }: CachedPreparedModel,
): Promise<boolean> {
  const leases = await listLeases(layout);
  if (leases.some((lease) => lease.prepared === key)) return false;
  await removeAtOnce(layout, folder);
  return true;
}
