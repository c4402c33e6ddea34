import { readdir, rm, stat } from 'node:fs/promises';
import path from 'node:path';

import type { CacheLayout } from './cache-layout.js';
import { temporaryState } from './temporary-owner.js';

/** Work in progress of a process that nobody here can ask about: a download of so long is none any more. */
const FORGOTTEN_MS = 86_400_000;

/** Work in progress of processes that are gone, as paths. */
export async function findLeftovers(layout: CacheLayout): Promise<readonly string[]> {
  const found: string[] = [];
  for (const name of await readdir(layout.temporary).catch(() => [])) {
    const item = path.join(layout.temporary, name);
    const state = temporaryState(name);
    if (state === 'gone' || (state === 'unknown' && (await isForgotten(item)))) found.push(item);
  }
  return found;
}

/** Removes work in progress of processes that are gone. */
export async function removeLeftovers(layout: CacheLayout): Promise<void> {
  for (const item of await findLeftovers(layout)) await rm(item, { recursive: true, force: true });
}

/** A time far in the future is as wrong as one far in the past: a clock jumped. */
async function isForgotten(item: string): Promise<boolean> {
  const status = await stat(item).catch(() => undefined);
  return status !== undefined && Math.abs(Date.now() - status.mtimeMs) > FORGOTTEN_MS;
}
