import { randomBytes } from 'node:crypto';
import { mkdir, rm, utimes } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

import { abortError, throwIfAborted } from '../../shared/abort.js';
import type { Logger } from '../../shared/log.js';
import { createLock, examineLock, type FoundLock, type LockOwner, removeStaleLock } from './lock-file.js';
import { describeProcess, isGone, isHere, ownIdentity } from './process-identity.js';
import { QuietWatch } from './quiet-watch.js';

const HEARTBEAT_MS = 5_000;
const POLL_MS = 100;
/** Twelve missed heartbeats: a holder on another host is gone, or its disk is. */
const SILENT_ELSEWHERE_MS = 60_000;
/** The same of a lock that was old when it was found: clocks of hosts differ, so two missed heartbeats are waited for. */
const SILENT_OLD_MS = 12_000;
/** A live process of this host may be suspended, or busy on its main thread, for longer; beyond this it is given up. */
const SILENT_HERE_MS = 600_000;
/** Between creating a lock and writing who holds it lie microseconds; a lock still empty then was left by a killed process. */
const SILENT_EMPTY_MS = 2_000;
export interface FileLockOptions {
  readonly signal?: AbortSignal | undefined;
  readonly logger?: Logger | undefined;
}

/** A lock between processes that is held. */
export interface FileLock {
  /** Whether the lock is still ours; not so after this process was suspended until others gave it up. */
  isHeld(): Promise<boolean>;
  release(): Promise<void>;
}

/** Runs work while holding a lock file; waits until it is free. Rejects with ABORTED while waiting. */
export async function withFileLock<T>(
  file: string,
  options: FileLockOptions,
  work: (lock: FileLock) => Promise<T>,
): Promise<T> {
  return runHolding(await acquireFileLock(file, options), work);
}

/** Runs work while holding a lock file unless somebody else holds it; else gives undefined. */
export async function withFreeFileLock<T>(file: string, work: () => Promise<T>): Promise<T | undefined> {
  const lock = await tryFileLock(file, {});
  return lock === undefined ? undefined : runHolding(lock, work);
}

async function runHolding<T>(lock: FileLock, work: (lock: FileLock) => Promise<T>): Promise<T> {
  try {
    return await work(lock);
  } finally {
    await lock.release();
  }
}

async function acquireFileLock(file: string, options: FileLockOptions): Promise<FileLock> {
  let told = false;
  const attempt = new LockAttempt(file, options);
  for (;;) {
    const result = await attempt.take();
    if ('isHeld' in result) return result;
    if (!told) {
      const holder = result.owner === undefined ? 'another process' : describeProcess(result.owner);
      options.logger?.info(`Waiting for ${holder}, which holds ${path.basename(file)}.`, { lock: file });
      told = true;
    }
    await pause(options.signal);
  }
}

/**
 * Takes a lock unless somebody holds it; undefined if so. A lock that its holder seems to have left behind is watched
 * for some seconds first.
 */
export async function tryFileLock(file: string, options: FileLockOptions): Promise<FileLock | undefined> {
  const attempt = new LockAttempt(file, options);
  for (;;) {
    const result = await attempt.take();
    if ('isHeld' in result) return result;
    if (patience(result) > SILENT_OLD_MS) return undefined;
    await pause(options.signal);
  }
}

/**
 * One wish to have a lock. The file names its holder and its modification time is refreshed while it is held; the lock
 * of a dead process on this host is taken over at once. Of a holder that nobody here can ask about, silence counts: how
 * long the file stays the same while it is watched. Ages by the clock do not decide, as clocks of hosts differ and jump.
 */
class LockAttempt {
  readonly #file: string;
  readonly #options: FileLockOptions;
  readonly #owner: LockOwner = { token: randomBytes(12).toString('hex'), ...ownIdentity() };
  readonly #watch = new QuietWatch();
  readonly #guardWatch = new QuietWatch();

  constructor(file: string, options: FileLockOptions) {
    this.#file = file;
    this.#options = options;
  }

  /** The lock, or who holds it for now. */
  async take(): Promise<FileLock | FoundLock> {
    await mkdir(path.dirname(this.#file), { recursive: true });
    for (;;) {
      throwIfAborted(this.#options.signal);
      if (await createLock(this.#file, this.#owner)) return hold(this.#file, this.#owner);
      const found = await examineLock(this.#file);
      if (found === undefined) continue;
      if (this.#watch.quietFor(found.stamp) < patience(found)) return found;
      const changed = await removeStaleLock(this.#file, found.stamp, this.#guardWatch, this.#options.logger);
      if (!changed) await pause(this.#options.signal);
    }
  }
}

/** How long a lock must stay unchanged before it may be taken over. */
function patience({ owner, age }: FoundLock): number {
  if (owner === undefined) return SILENT_EMPTY_MS;
  if (isGone(owner)) return 0;
  if (isHere(owner)) return SILENT_HERE_MS;
  return age > SILENT_ELSEWHERE_MS ? SILENT_OLD_MS : SILENT_ELSEWHERE_MS;
}

function hold(file: string, owner: LockOwner): FileLock {
  const heartbeat = setInterval(() => {
    const now = new Date();
    // A lock that cannot be refreshed is found silent by others, and isHeld() tells; nothing to do here.
    utimes(file, now, now).catch(() => undefined);
  }, HEARTBEAT_MS);
  heartbeat.unref();
  const isHeld = async (): Promise<boolean> => (await examineLock(file))?.owner?.token === owner.token;
  return {
    isHeld,
    async release() {
      clearInterval(heartbeat);
      if (await isHeld()) await rm(file, { force: true });
    },
  };
}

async function pause(signal: AbortSignal | undefined): Promise<void> {
  try {
    await sleep(POLL_MS * (0.5 + Math.random()), undefined, signal === undefined ? {} : { signal });
  } catch (error) {
    if (signal?.aborted === true) throw abortError(signal);
    throw error;
  }
}
