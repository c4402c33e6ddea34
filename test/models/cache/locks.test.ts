import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, readFile, utimes, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import path from 'node:path';

import { tryFileLock, withFileLock, withFreeFileLock } from '#src/models/cache/file-lock.js';
import { isGone, ownIdentity } from '#src/models/cache/process-identity.js';
import { describe, expect, it } from 'vitest';

import { namesBelow, temporaryFolder } from '../acquire/acquisition.js';
import { CacheProcess } from './cache-process.js';

const DAY_MS = 86_400_000;

async function lockFile(): Promise<string> {
  const file = path.join(await temporaryFolder(), 'locks', 'a.lock');
  await mkdir(path.dirname(file));
  return file;
}

async function setTime(file: string, fromNow: number): Promise<void> {
  const then = new Date(Date.now() + fromNow);
  await utimes(file, then, then);
}

async function heldByOther(file: string): Promise<CacheProcess> {
  const holder = new CacheProcess({ action: 'lock', file });
  expect(await holder.answer()).toEqual({ held: true });
  return holder;
}

describe('a lock of a live process', () => {
  it.each([
    ['a day in the past', -DAY_MS],
    ['a year in the past', -365 * DAY_MS],
    ['a day in the future', DAY_MS],
  ])('is not taken over when its time is %s, as after a clock jumped', async (_, fromNow) => {
    const file = await lockFile();
    const holder = await heldByOther(file);
    await setTime(file, fromNow);
    const before = await readFile(file, 'utf8');
    expect(await withFreeFileLock(file, () => Promise.resolve('entered'))).toBeUndefined();
    expect(await readFile(file, 'utf8')).toBe(before);
    await holder.finish();
    expect(await withFileLock(file, {}, () => Promise.resolve('entered'))).toBe('entered');
  });

  it('is kept by its holder whatever the time of the file is', async () => {
    const file = await lockFile();
    const lock = await tryFileLock(file, {});
    await setTime(file, -DAY_MS);
    expect(await lock?.isHeld()).toBe(true);
    expect(await tryFileLock(file, {})).toBeUndefined();
    await setTime(file, DAY_MS);
    expect(await tryFileLock(file, {})).toBeUndefined();
    await lock?.release();
    expect(await namesBelow(path.dirname(file))).toEqual([]);
  });
});

describe('a lock that was left behind', () => {
  it.each([
    ['now', 0],
    ['a day in the future', DAY_MS],
    ['years in the future', 3000 * DAY_MS],
    ['a day in the past', -DAY_MS],
  ])('by a killed process is taken over at once when its time is %s', async (_, fromNow) => {
    const file = await lockFile();
    const holder = await heldByOther(file);
    expect(await holder.kill()).toBe(true);
    await setTime(file, fromNow);
    expect(await withFreeFileLock(file, () => Promise.resolve('entered'))).toBe('entered');
    expect(await namesBelow(path.dirname(file))).toEqual([]);
  });

  it.skipIf(process.platform !== 'linux')(
    'by a process whose id another one has now is taken over at once',
    async () => {
      const file = await lockFile();
      const other = spawn(process.execPath, ['-e', 'setInterval(() => undefined, 1000)']);
      try {
        await once(other, 'spawn');
        const identity = { ...ownIdentity(), pid: other.pid, startTicks: '1', token: 'x' };
        await writeFile(file, JSON.stringify(identity));
        expect(await withFreeFileLock(file, () => Promise.resolve('entered'))).toBe('entered');
      } finally {
        other.kill('SIGKILL');
      }
    },
  );

  it('before it named its holder is taken over when its time is in the future', async () => {
    const file = await lockFile();
    await writeFile(file, '');
    await setTime(file, 3000 * DAY_MS);
    expect(await withFreeFileLock(file, () => Promise.resolve('entered'))).toBe('entered');
  });

  it('with the guard of its removal, by a process killed there, is taken over', async () => {
    const file = await lockFile();
    await writeFile(file, JSON.stringify({ ...ownIdentity(), pid: 2 ** 30, token: 'x' }));
    await writeFile(`${file}.takeover`, '');
    await setTime(`${file}.takeover`, 3000 * DAY_MS);
    expect(await withFileLock(file, {}, () => Promise.resolve('entered'))).toBe('entered');
    expect(await namesBelow(path.dirname(file))).toEqual([]);
  });
});

describe('a lock of another host or another boot', () => {
  it.each([
    ['another host', { host: 'elsewhere' }],
    ['another boot or container of the same name', { host: hostname(), space: 'another' }],
  ])('of %s that was fresh a moment ago is left alone', async (_, where) => {
    const file = await lockFile();
    const owner = JSON.stringify({ ...ownIdentity(), ...where, pid: 2 ** 30, token: 'x' });
    await writeFile(file, owner);
    expect(await tryFileLock(file, {})).toBeUndefined();
    expect(await readFile(file, 'utf8')).toBe(owner);
  });

  it('that looks old, but whose holder gives a sign while it is watched, is left alone', async () => {
    const file = await lockFile();
    const owner = JSON.stringify({ ...ownIdentity(), host: 'elsewhere', token: 'x' });
    await writeFile(file, owner);
    // A clock that is an hour late there: every sign looks an hour old here.
    let signs = 0;
    const sign = async (): Promise<void> => setTime(file, -3_600_000 + signs++);
    await sign();
    const heartbeat = setInterval(() => void sign(), 1_000);
    const controller = new AbortController();
    const waiting = withFileLock(file, { signal: controller.signal }, () => Promise.resolve('entered'));
    await expect.poll(() => signs, { timeout: 30_000 }).toBeGreaterThan(14);
    controller.abort();
    await expect(waiting).rejects.toMatchObject({ code: 'ABORTED' });
    clearInterval(heartbeat);
    expect(await readFile(file, 'utf8')).toBe(owner);
  });
});

it('this process runs, and one that was killed does not, even before its parent asked for its status', async () => {
  expect(isGone(ownIdentity())).toBe(false);
  expect(isGone({ ...ownIdentity(), startTicks: '1' })).toBe(process.platform === 'linux');
  if (process.platform !== 'linux') return;
  // The shell never waits for its child, which stays behind as a zombie.
  const shell = spawn('bash', ['-c', 'sleep 0 & echo $!; exec sleep 60']);
  try {
    const [line] = (await once(shell.stdout, 'data')) as [Buffer];
    const pid = Number(line.toString());
    const { host, processStarted, space } = ownIdentity();
    const zombie = { pid, host, processStarted, ...(space === undefined ? {} : { space }) };
    await expect.poll(() => isGone(zombie), { timeout: 10_000 }).toBe(true);
  } finally {
    shell.kill('SIGKILL');
  }
});
