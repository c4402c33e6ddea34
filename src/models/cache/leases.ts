import { readdir, readFile, rm, stat } from 'node:fs/promises';
import path from 'node:path';

import type { CacheLayout } from './cache-layout.js';
import { isGone, isHere, parseIdentity, type ProcessIdentity } from './process-identity.js';

/** A lease is refreshed every hour: after a day its process, which nobody here can ask about, counts as gone. */
const FORGOTTEN_MS = 86_400_000;
/** A lease is written in one go; one that cannot be read so long after was cut off by a kill. */
const UNREADABLE_MS = 60_000;

/** What one process has loaded. */
export interface Lease {
  readonly holder: ProcessIdentity;
  readonly id: string;
  readonly revision: string | undefined;
  readonly origin: string;
  /** Key of the prepared model. */
  readonly prepared: string;
  /** Path of the interpreter that runs it; empty where it runs in process. */
  readonly python: string;
}

/** What processes that live, as far as can be told, have loaded from this cache. */
export async function listLeases(layout: CacheLayout): Promise<readonly Lease[]> {
  const leases: Lease[] = [];
  for (const file of await leaseFiles(layout)) {
    const lease = await readLease(file);
    if (lease !== undefined && !(await isDead(file, lease))) leases.push(lease);
  }
  return leases;
}

/** Leases that nobody holds any more, as paths. */
export async function findDeadLeases(layout: CacheLayout): Promise<readonly string[]> {
  const dead: string[] = [];
  for (const file of await leaseFiles(layout)) if (await isDead(file, await readLease(file))) dead.push(file);
  return dead;
}

/** Removes the leases that nobody holds any more. */
export async function removeDeadLeases(layout: CacheLayout): Promise<void> {
  for (const file of await findDeadLeases(layout)) await rm(file, { force: true });
}

async function leaseFiles(layout: CacheLayout): Promise<string[]> {
  const names = await readdir(layout.leases).catch(() => []);
  return names.filter((name) => name.endsWith('.json')).map((name) => path.join(layout.leases, name));
}

async function isDead(file: string, lease: Lease | undefined): Promise<boolean> {
  if (lease !== undefined && isHere(lease.holder)) return isGone(lease.holder);
  const status = await stat(file).catch(() => undefined);
  if (status === undefined) return true;
  return Math.abs(Date.now() - status.mtimeMs) > (lease === undefined ? UNREADABLE_MS : FORGOTTEN_MS);
}

async function readLease(file: string): Promise<Lease | undefined> {
  let value: unknown;
  try {
    value = JSON.parse(await readFile(file, 'utf8'));
  } catch {
    return undefined;
  }
  const holder = parseIdentity(value);
  if (holder === undefined || typeof value !== 'object' || value === null) return undefined;
  const { id, revision, origin, prepared, python = '' }: { [Key in keyof Lease]?: unknown } = value;
  if (typeof id !== 'string' || typeof origin !== 'string' || typeof prepared !== 'string') return undefined;
  if (typeof python !== 'string') return undefined;
  return { holder, id, revision: typeof revision === 'string' ? revision : undefined, origin, prepared, python };
}
