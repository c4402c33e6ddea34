import { randomBytes } from 'node:crypto';
import { mkdir, open, readFile, rm, stat, utimes } from 'node:fs/promises';
import { hostname } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

import { z } from 'zod';

import { abortError, throwIfAborted } from '../../shared/abort.js';
import { systemErrorCode } from '../../shared/isovec-error.js';
import type { Logger } from '../../shared/log.js';

const HEARTBEAT_MS = 5_000;
const POLL_MS = 100;
/** Twelve missed heartbeats: a holder on another host is gone, or its disk is. */
const STALE_ELSEWHERE_MS = 60_000;
/** A live process of this host may be suspended, or busy on its main thread, for longer; beyond this its id was reused. */
const STALE_HERE_MS = 600_000;
/** Between creating a lock and writing who holds it lie microseconds; a lock still empty then was left by a killed process. */
const STALE_EMPTY_MS = 2_000;
/** Clocks of the same process start, computed twice, differ by rounding and clock adjustment. */
const START_TOLERANCE_MS = 10_000;
/** Computed once, so that a later change of the clock does not make this process a stranger to itself. */
const PROCESS_STARTED = Math.round(Date.now() - process.uptime() * 1_000);

interface LockOwner {
  readonly token: string;
  readonly pid: number;
  readonly host: string;
  /** When the holder's process started, in milliseconds since 1970: tells it from a later one with the same pid. */
  readonly processStarted: number;
}

const ownerSchema: z.ZodType<LockOwner> = z.object({
  token: z.string(),
  pid: z.int().positive(),
  host: z.string(),
  processStarted: z.number(),
});

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
  const lock = await acquireFileLock(file, options);
  try {
    return await work(lock);
  } finally {
    await lock.release();
  }
}

/**
 * Creates the lock file, waiting while a live process holds it. The file names its holder and its modification time
 * is refreshed while it is held; the lock of a dead process on this host is taken over at once, that of a silent one
 * elsewhere after a minute.
 */
async function acquireFileLock(file: string, options: FileLockOptions): Promise<FileLock> {
  const owner: LockOwner = {
    token: randomBytes(12).toString('hex'),
    pid: process.pid,
    host: hostname(),
    processStarted: PROCESS_STARTED,
  };
  await mkdir(path.dirname(file), { recursive: true });
  let told = false;
  for (;;) {
    throwIfAborted(options.signal);
    if (await create(file, owner)) return hold(file, owner);
    if (await isStale(file)) {
      await removeStale(file, options.logger);
      continue;
    }
    if (!told) {
      options.logger?.info(`Waiting for another process that holds ${path.basename(file)}.`, { lock: file });
      told = true;
    }
    await pause(options.signal);
  }
}

async function create(file: string, owner: LockOwner): Promise<boolean> {
  let handle;
  try {
    handle = await open(file, 'wx');
  } catch (error) {
    if (systemErrorCode(error) === 'EEXIST') return false;
    throw error;
  }
  try {
    await handle.writeFile(JSON.stringify(owner));
  } catch (error) {
    await rm(file, { force: true });
    throw error;
  } finally {
    await handle.close();
  }
  return true;
}

function hold(file: string, owner: LockOwner): FileLock {
  const heartbeat = setInterval(() => {
    const now = new Date();
    // A lock that cannot be refreshed is found stale by others, and isHeld() tells; nothing to do here.
    utimes(file, now, now).catch(() => undefined);
  }, HEARTBEAT_MS);
  heartbeat.unref();
  const isHeld = async (): Promise<boolean> => (await readOwner(file))?.token === owner.token;
  return {
    isHeld,
    async release() {
      clearInterval(heartbeat);
      if (await isHeld()) await rm(file, { force: true });
    },
  };
}

async function isStale(file: string): Promise<boolean> {
  let age: number;
  try {
    age = Date.now() - (await stat(file)).mtimeMs;
  } catch (error) {
    if (systemErrorCode(error) === 'ENOENT') return false;
    throw error;
  }
  const owner = await readOwner(file);
  if (owner === undefined) return age > STALE_EMPTY_MS;
  if (owner.host !== hostname()) return age > STALE_ELSEWHERE_MS;
  // A container's first process has the same pid in every life: only the start time tells them apart.
  if (owner.pid === process.pid && Math.abs(owner.processStarted - PROCESS_STARTED) > START_TOLERANCE_MS) return true;
  return !isAlive(owner.pid) || age > STALE_HERE_MS;
}

/**
 * Removes a stale lock. Two waiters may both find it stale, and the slower must not remove the lock that the faster
 * has made since: a guard file lets one at a time look again and remove.
 */
async function removeStale(file: string, logger: Logger | undefined): Promise<void> {
  const guard = `${file}.takeover`;
  try {
    await (await open(guard, 'wx')).close();
  } catch (error) {
    if (systemErrorCode(error) !== 'EEXIST') throw error;
    // Held for a few system calls only; one that is older belonged to a process killed between them.
    const status = await stat(guard).catch(() => undefined);
    if (status !== undefined && Date.now() - status.mtimeMs > STALE_EMPTY_MS) await rm(guard, { force: true });
    else await pause(undefined);
    return;
  }
  try {
    if (!(await isStale(file))) return;
    await rm(file, { force: true });
    logger?.warn(`Took over ${path.basename(file)}, left behind by a process that is gone.`, { lock: file });
  } finally {
    await rm(guard, { force: true });
  }
}

async function readOwner(file: string): Promise<LockOwner | undefined> {
  try {
    return ownerSchema.safeParse(JSON.parse(await readFile(file, 'utf8'))).data;
  } catch {
    return undefined;
  }
}

/** Whether a process of this host exists; one that may not be signalled does. */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return systemErrorCode(error) !== 'ESRCH';
  }
}

async function pause(signal: AbortSignal | undefined): Promise<void> {
  try {
    await sleep(POLL_MS * (0.5 + Math.random()), undefined, signal === undefined ? {} : { signal });
  } catch (error) {
    if (signal?.aborted === true) throw abortError(signal);
    throw error;
  }
}
