import { mkdir, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import path from 'node:path';

import { withFileLock } from '#src/models/cache/file-lock.js';
import { obtainModel, type ObtainOptions } from '#src/models/obtain-model.js';
import { chmod, readFile, utimes } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';

import { failure, fixtureFiles, namesBelow, temporaryFolder } from './acquisition.js';
import { FakeHub } from './fake-hub.js';
import { PullProcess } from './pull-process.js';

const COMMIT = '0123456789abcdef0123456789abcdef01234567';
const ID = 'org/tiny';
const WEIGHTS = 'model.safetensors';
/** More than any system gives out. */
const NO_PROCESS = 2 ** 30;

async function hubWithModel(): Promise<{ hub: FakeHub; options: ObtainOptions; files: Map<string, Uint8Array> }> {
  const hub = await FakeHub.start();
  const files = await fixtureFiles('tiny/bert-mean');
  hub.repositories.set(ID, { commit: COMMIT, files });
  return { hub, files, options: { cacheRoot: await temporaryFolder(), hubEndpoint: hub.endpoint } };
}

describe('processes that share a cache', () => {
  it('fetch a model once when two want it at the same time', async () => {
    const { hub, options } = await hubWithModel();
    const pulls = [1, 2].map(() => new PullProcess({ id: ID, options }));
    const [first, second] = await Promise.all(pulls.map((pull) => pull.answer()));
    expect(first?.root).toBeDefined();
    expect(second).toEqual(first);
    expect(hub.fileRequests(WEIGHTS).length).toBe(1);
    expect(await namesBelow(path.join(options.cacheRoot, 'locks'))).toEqual([]);
  });

  it('take over and go on after one was killed in the middle of a download', async () => {
    const { hub, options, files } = await hubWithModel();
    hub.plan.set(WEIGHTS, [{ kind: 'hold', after: 70_000 }]);
    const held = hub.whenHeld();
    const pull = new PullProcess({ id: ID, options });
    await held;
    const partials = path.join(options.cacheRoot, 'partial');
    await expect.poll(async () => partialSize(partials), { timeout: 30_000 }).toBe(70_000);
    await pull.kill();
    expect(await namesBelow(path.join(options.cacheRoot, 'snapshots'))).toEqual([]);
    expect((await namesBelow(path.join(options.cacheRoot, 'locks'))).length).toBeGreaterThan(0);

    const model = await obtainModel(ID, options);
    expect(await readFile(model.files.get(WEIGHTS)?.path ?? '')).toEqual(files.get(WEIGHTS));
    expect(hub.fileRequests(WEIGHTS).map(({ range }) => range)).toEqual([undefined, 'bytes=70000-']);
    for (const folder of ['locks', 'partial', 'tmp']) {
      expect(await namesBelow(path.join(options.cacheRoot, folder))).toEqual([]);
    }
  });

  it('are told which folder they may not write, and how to choose another', async () => {
    const { options } = await hubWithModel();
    await chmod(options.cacheRoot, 0o555);
    // Root may write everywhere; a process that becomes nobody may not.
    const userId = process.getuid?.() === 0 ? { userId: 65_534 } : {};
    const answer = await new PullProcess({ id: ID, options, ...userId }).answer();
    expect(answer.code).toBe('SOURCE_FORBIDDEN');
    expect(answer.message).toContain(options.cacheRoot);
    expect(answer.message).toContain('ISOVEC_HOME');
  });

  it('can use a cache that they may only read', async () => {
    const { hub, options } = await hubWithModel();
    await obtainModel(ID, options);
    await hub.stop();
    await chmod(options.cacheRoot, 0o555);
    const userId = process.getuid?.() === 0 ? { userId: 65_534 } : {};
    const answer = await new PullProcess({ id: ID, options, ...userId }).answer();
    expect(answer.names).toContain(WEIGHTS);
  });
});

describe('a file lock', () => {
  async function lockHeldBy(owner: object | string): Promise<string> {
    const file = path.join(await temporaryFolder(), 'locks', 'a.lock');
    await mkdir(path.dirname(file));
    await writeFile(file, typeof owner === 'string' ? owner : JSON.stringify(owner));
    return file;
  }

  async function setAge(file: string, milliseconds: number): Promise<void> {
    const then = new Date(Date.now() - milliseconds);
    await utimes(file, then, then);
  }

  const other = { token: 'x', host: hostname(), processStarted: 1 };

  it.each([
    ['a dead process of this host', { ...other, pid: NO_PROCESS }, 0],
    ['an earlier process with our own id', { ...other, pid: process.pid }, 0],
    ['a process elsewhere that was silent for minutes', { ...other, host: 'elsewhere', pid: 1 }, 120_000],
    ['a process killed before it wrote its name', '', 10_000],
  ])('is taken over from %s', async (_, owner, age) => {
    const file = await lockHeldBy(owner);
    await setAge(file, age);
    const warnings: string[] = [];
    const logger = { info: () => undefined, warn: (message: string) => warnings.push(message) };
    expect(await withFileLock(file, { logger }, (lock) => lock.isHeld())).toBe(true);
    expect(warnings.length).toBe(1);
    expect(await namesBelow(path.dirname(file))).toEqual([]);
  });

  it.each([
    ['a live process of this host', { ...other, pid: process.ppid }],
    ['a process elsewhere that gave a sign', { ...other, host: 'elsewhere', pid: NO_PROCESS }],
  ])('is waited for while %s holds it, until the caller gives up', async (_, owner) => {
    const file = await lockHeldBy(owner);
    const controller = new AbortController();
    // Only when it waits does it say so: the abort that follows ends a wait.
    const logger = {
      info: () => {
        controller.abort();
      },
      warn: () => undefined,
    };
    const waited = withFileLock(file, { signal: controller.signal, logger }, () => Promise.resolve('entered'));
    expect((await failure(waited)).code).toBe('ABORTED');
    expect(JSON.parse(await readFile(file, 'utf8'))).toEqual(owner);
  });

  it('lets one at a time in, also when it is stale at first', async () => {
    const file = await lockHeldBy({ ...other, pid: NO_PROCESS });
    let inside = 0;
    let most = 0;
    const work = async (): Promise<void> => {
      most = Math.max(most, ++inside);
      await new Promise((resolve) => setTimeout(resolve, 5));
      inside--;
    };
    await Promise.all(Array.from({ length: 6 }, () => withFileLock(file, {}, work)));
    expect(most).toBe(1);
  });

  it('is free again after the work failed', async () => {
    const file = path.join(await temporaryFolder(), 'a.lock');
    await expect(withFileLock(file, {}, () => Promise.reject(new Error('no')))).rejects.toThrow('no');
    expect(await withFileLock(file, {}, () => Promise.resolve('yes'))).toBe('yes');
  });
});

async function partialSize(folder: string): Promise<number> {
  const [name] = await namesBelow(folder);
  return name === undefined ? 0 : (await readFile(path.join(folder, name))).byteLength;
}
