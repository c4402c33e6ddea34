import { randomBytes } from 'node:crypto';
import { mkdir, rm, stat, utimes, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { setImmediate } from 'node:timers/promises';

import type { ModelFiles } from '../model-files.js';
import { CacheLayout } from './cache-layout.js';
import { SOURCE_FILE } from './prepared-source.js';
import { ownIdentity } from './process-identity.js';
import { MANIFEST } from './snapshot-manifest.js';

/** Times of last use are as exact as this, so that a busy program does not write all the time. */
const EXACTNESS_MS = 60_000;
/** Far below the day after which the lease of a process on another host counts for nothing. */
const REFRESH_MS = 3_600_000;

/** A model that this process has loaded, as the cache knows it. */
export interface ModelUse {
  /** Resolves when it is noted. Never rejects. */
  recorded(): Promise<void>;
  /** Gives the lease back; to be called when the model is closed. Never rejects. */
  close(): Promise<void>;
}

/** What of the cache a loaded model needs beside its files. */
export interface UsedParts {
  /** Folder of the prepared model. */
  readonly prepared?: string | undefined;
  /** The interpreter that runs it. */
  readonly python?: string | undefined;
}

/**
 * Notes in the cache that a model is used now, and by this process until it is closed. Returns at once; what is
 * written meanwhile keeps the process alive until it is there. Failures are ignored: a cache may be read-only.
 */
export function recordUse(cacheRoot: string, files: ModelFiles, used: UsedParts): ModelUse {
  const use = new RecordedUse(new CacheLayout(cacheRoot));
  use.record(files, used);
  return use;
}

class RecordedUse implements ModelUse {
  readonly #layout: CacheLayout;
  #lease: string | undefined;
  #refresh: NodeJS.Timeout | undefined;
  #recorded: Promise<void> = Promise.resolve();

  constructor(layout: CacheLayout) {
    this.#layout = layout;
  }

  record(files: ModelFiles, used: UsedParts): void {
    this.#recorded = this.#write(files, used).catch(() => undefined);
  }

  recorded(): Promise<void> {
    return this.#recorded;
  }

  async close(): Promise<void> {
    await this.#recorded;
    clearInterval(this.#refresh);
    if (this.#lease !== undefined) await rm(this.#lease, { force: true }).catch(() => undefined);
  }

  async #write({ id, revision, origin, root }: ModelFiles, { prepared, python = '' }: UsedParts): Promise<void> {
    // After the load has been answered: the caller's first text goes first.
    await setImmediate();
    const lease = path.join(this.#layout.leases, `${randomBytes(8).toString('hex')}.json`);
    const content = {
      ...ownIdentity(),
      id,
      revision,
      origin,
      prepared: prepared === undefined ? '' : path.basename(prepared),
      python,
    };
    await mkdir(this.#layout.leases, { recursive: true });
    this.#lease = lease;
    await writeFile(lease, JSON.stringify(content), { flag: 'wx' });
    this.#refresh = setInterval(() => {
      touch(lease, 0).catch(() => undefined);
    }, REFRESH_MS).unref();
    const ours = origin === 'hub' || origin === 'wheel';
    if (ours) await touch(path.join(root, MANIFEST), EXACTNESS_MS);
    if (prepared === undefined || !(await touch(path.join(prepared, SOURCE_FILE), EXACTNESS_MS))) return;
    // Programs that end without closing their models leave leases behind; now and then somebody must sweep.
    const { removeDeadLeases } = await import('./leases.js');
    await removeDeadLeases(this.#layout);
  }
}

/** Sets a file's time to now unless it is recent; one in the future is as wrong as one in the past. */
async function touch(file: string, exactness: number): Promise<boolean> {
  const now = new Date();
  if (Math.abs((await stat(file)).mtimeMs - now.getTime()) < exactness) return false;
  await utimes(file, now, now);
  return true;
}
