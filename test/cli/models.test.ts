import { mkdir, readdir, readFile, symlink, utimes, writeFile } from 'node:fs/promises';
import path from 'node:path';

import { obtainModel } from '#src/models/obtain-model.js';
import { beforeAll, describe, expect, it } from 'vitest';

import { temporaryFolder as folderOfTest } from '../models/acquire/acquisition.js';
import { hubWithModel, ID } from '../models/cache/cache-models.js';
import { CacheProcess } from '../models/cache/cache-process.js';
import { jsonLines, run, type RunResult, tinyModel } from './command-line.js';

const COLUMNS = 80;
const DAY_MS = 86_400_000;
const PYTHON_COMMIT = 'a'.repeat(40);

let model: string;
beforeAll(() => {
  model = tinyModel('bert-mean').folder;
});

interface Machine {
  readonly cache: string;
  readonly python: string;
  readonly folder: string;
  readonly isovec: (...args: string[]) => Promise<RunResult>;
}

/** A cache with one model, and a Python cache, which is empty at first. */
async function machine(): Promise<Machine> {
  const { hub, options } = await hubWithModel();
  const { root } = await obtainModel(ID, options);
  const python = await folderOfTest();
  const environment = {
    ISOVEC_HOME: options.cacheRoot,
    HF_HUB_CACHE: python,
    HF_ENDPOINT: hub.endpoint,
    ISOVEC_OFFLINE: '0',
  };
  return {
    cache: options.cacheRoot,
    python,
    folder: root,
    isovec: (...args) => run(['models', ...args], { environment }),
  };
}

/** A model in the layout of Python's hub client: files are links to blobs. */
async function addPythonModel(root: string): Promise<void> {
  const repository = path.join(root, 'models--org--python');
  const snapshot = path.join(repository, 'snapshots', PYTHON_COMMIT);
  await mkdir(path.join(repository, 'refs'), { recursive: true });
  await writeFile(path.join(repository, 'refs', 'main'), PYTHON_COMMIT);
  for (const entry of await readdir(model, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    const file = path.join(entry.parentPath, entry.name);
    const target = path.join(snapshot, path.relative(model, file));
    await mkdir(path.dirname(target), { recursive: true });
    await symlink(file, target);
  }
}

function expectFits(text: string): void {
  for (const line of text.split('\n')) expect(line.length, line).toBeLessThanOrEqual(COLUMNS);
}

function json({ code, text, stderr }: RunResult): Record<string, unknown> {
  expect([code, stderr]).toEqual([0, expect.anything()]);
  const [only, ...more] = jsonLines(text);
  expect(more).toEqual([]);
  return only ?? {};
}

async function damage(file: string): Promise<void> {
  const bytes = await readFile(file);
  bytes.writeUInt8(bytes.readUInt8(2_000) ^ 1, 2_000);
  await writeFile(file, bytes);
}

describe('isovec models list', () => {
  it('shows size, origin, last use and digest, and marks what is not ours', async () => {
    const { isovec, python, folder } = await machine();
    await addPythonModel(python);
    const then = new Date('2026-02-03T04:05:06Z');
    await utimes(path.join(folder, 'snapshot.json'), then, then);
    const text = await isovec('list');
    expect(text.code).toBe(0);
    expect(text.text).toMatch(/^org\/tiny\n {2}0123456789abcdef\S* \(main\), \S+ kB, hub, \d{4}-/m);
    expect(text.text).toMatch(/last used 2026-02-03, digest [0-9a-f]{12}/);
    expect(text.text).toMatch(/^org\/python\n.*python-cache\n.*never removed/m);
    expectFits(text.text);
    const { models } = json(await isovec('list', '--json')) as { models: Record<string, unknown>[] };
    expect(models).toMatchObject([
      { id: ID, origin: 'hub', removable: true, inUseBy: [], lastUsedAt: then.toISOString() },
      { id: 'org/python', origin: 'python-cache', removable: false, revision: PYTHON_COMMIT, names: ['main'] },
    ]);
  });

  it('says which process uses a model', async () => {
    const { isovec, cache } = await machine();
    const user = new CacheProcess({ action: 'load', id: ID, options: { cacheRoot: cache } });
    await user.answer();
    const users = async (): Promise<unknown> => {
      const { models } = json(await isovec('list', '--json')) as { models: { inUseBy: string[] }[] };
      return models[0]?.inUseBy;
    };
    await expect.poll(users, { timeout: 30_000 }).toEqual([`process ${user.child.pid ?? 0}`]);
    await user.finish();
    expect(await users()).toEqual([]);
  });
});

describe('isovec models show', () => {
  it('gives digests and the last use', async () => {
    const { isovec } = await machine();
    const shown = json(await isovec('show', ID, '--json'));
    expect(shown['digest']).toMatch(/^[0-9a-f]{64}$/);
    const files = shown['files'] as { sha256?: string }[];
    expect(files.every(({ sha256 }) => /^[0-9a-f]{64}$/.test(sha256 ?? ''))).toBe(true);
    const { text } = await isovec('show', ID);
    expect(text).toMatch(/^ {2}last used +\d{4}-/m);
    expect(text).toContain(String(shown['digest']).slice(0, 40));
    expectFits(text);
  });
});

describe('isovec models verify', () => {
  it('finds every file sound, of one model or all', async () => {
    const { isovec } = await machine();
    const all = await isovec('verify');
    expect(all.code).toBe(0);
    expect(all.text).toMatch(/model\.safetensors +\S+ kB {2}ok/);
    expectFits(all.text);
    expect(json(await isovec('verify', ID, '--json'))).toMatchObject({ ok: true, models: [{ id: ID, ok: true }] });
  });

  it('names the damaged file and the way out with status 4, and pull mends it', async () => {
    const { isovec, folder, cache, python } = await machine();
    await damage(path.join(folder, 'model.safetensors'));
    const found = await isovec('verify');
    expect(found.code).toBe(4);
    expect(found.text).toMatch(/model\.safetensors .*corrupt/);
    expect(found.stderr).toContain(`isovec pull ${ID}'`);
    const shown = await isovec('verify', '--json');
    expect(shown.code).toBe(4);
    expect(jsonLines(shown.text)).toMatchObject([{ ok: false }]);
    // The hub of this machine is the one the model came from.
    const { from } = JSON.parse(await readFile(path.join(folder, 'snapshot.json'), 'utf8')) as { from: string };
    const environment = { ISOVEC_HOME: cache, HF_HUB_CACHE: python, HF_ENDPOINT: from, ISOVEC_OFFLINE: '0' };
    const pulled = await run(['pull', ID], { environment });
    expect([pulled.code, pulled.stderr]).toEqual([0, expect.stringContaining('damaged')]);
    expect((await isovec('verify')).code).toBe(0);
  });

  it('finds a model whose list of files is broken', async () => {
    const { isovec, folder } = await machine();
    await writeFile(path.join(folder, 'snapshot.json'), '{');
    const { code, stderr } = await isovec('verify');
    expect(code).toBe(4);
    expect(stderr).toContain(folder);
  });
});

describe('isovec models remove', () => {
  it('removes what was named and says what was freed', async () => {
    const { isovec } = await machine();
    const removed = json(await isovec('remove', ID, '--json'));
    expect(removed).toMatchObject({ removed: [{ id: ID }] });
    expect(removed['freedBytes']).toBeGreaterThan(100_000);
    const again = await isovec('remove', ID);
    expect(again.code).toBe(3);
    expect(again.stderr).toContain(`isovec pull ${ID}`);
  });

  it('refuses a model in use, naming the process, unless it is insisted on', async () => {
    const { isovec, cache, folder } = await machine();
    const user = new CacheProcess({ action: 'load', id: ID, options: { cacheRoot: cache } });
    await user.answer();
    await expect.poll(() => readdir(path.join(cache, 'leases'))).toHaveLength(1);
    const refused = await isovec('remove', ID);
    expect(refused.code).toBe(2);
    expect(refused.stderr).toContain(`process ${user.child.pid ?? ''}`);
    expect((await readdir(folder)).length).toBeGreaterThan(1);
    const forced = await isovec('remove', ID, '--force');
    expect([forced.code, forced.text]).toEqual([0, expect.stringContaining('freed')]);
    expectFits(forced.text);
    await user.finish();
  });

  it('removes nothing when one of the names is wrong, and nothing of Python', async () => {
    const { isovec, python, folder } = await machine();
    await addPythonModel(python);
    const wrong = await isovec('remove', ID, 'org/none');
    expect(wrong.code).toBe(3);
    const foreign = await isovec('remove', ID, 'org/python');
    expect(foreign.code).toBe(2);
    expect(foreign.stderr).toContain('never changes');
    expect((await readdir(folder)).length).toBeGreaterThan(1);
  });
});

describe('isovec models prune', () => {
  it('says what goes and why, and with --dry-run removes nothing', async () => {
    const { isovec, cache, folder } = await machine();
    const then = new Date(Date.now() - 40 * DAY_MS);
    await utimes(path.join(folder, 'snapshot.json'), then, then);
    const nothing = await isovec('prune');
    expect([nothing.code, nothing.text]).toEqual([0, '']);
    expect(nothing.stderr).toContain('Nothing to remove');
    const dry = await isovec('prune', '--unused-for', '30d', '--dry-run');
    expect(dry.text).toContain('not used since');
    expect(dry.stderr).toContain('would be removed');
    expectFits(dry.text);
    expect((await readdir(folder)).length).toBeGreaterThan(1);
    const pruned = json(await isovec('prune', '--unused-for', '30d', '--json'));
    expect(pruned).toMatchObject({ cache, dryRun: false, kept: [], removed: [{ kind: 'model' }] });
    expect(await readdir(folder).catch(() => [])).toEqual([]);
  });

  it('takes environments of the bridge where it is told to; list and doctor say how large they are', async () => {
    const { isovec, cache } = await machine();
    const folder = path.join(cache, 'bridge', 'torch');
    await mkdir(folder, { recursive: true });
    await writeFile(path.join(folder, 'packages'), 'x'.repeat(3_000_000));
    await writeFile(path.join(folder, 'isovec-complete'), '');
    expect(json(await isovec('list', '--json'))).toMatchObject({
      environments: [{ backend: 'torch', path: folder, complete: true, size: 3_000_000 }],
    });
    expect((await isovec('list')).stderr).toContain("3.0 MB: 'isovec models prune --environments' removes it");
    const doctor = await run(['doctor', '--json'], { environment: { ISOVEC_HOME: cache } });
    expect(doctor.text).toContain('(3.0 MB of it for the bridge)');
    expect(json(await isovec('prune', '--json'))).toMatchObject({ removed: [] });
    const pruned = json(await isovec('prune', '--environments', '--json'));
    expect(pruned).toMatchObject({ freedBytes: 3_000_000, removed: [{ kind: 'bridge', name: 'bridge/torch' }] });
    expect(json(await isovec('list', '--json'))).toMatchObject({ environments: [] });
  });

  it.each(['30', 'd', '-1d', '1.5d', '30 days', '9999999d'])('refuses %j as a duration', async (duration) => {
    const { code, stderr } = await run(['models', 'prune', `--unused-for=${duration}`]);
    expect(code).toBe(2);
    expect(stderr).toContain('30d');
  });
});

describe('isovec models path', () => {
  it('prints one line: the folder of the cache, or of a model', async () => {
    const { isovec, cache, folder, python } = await machine();
    await addPythonModel(python);
    expect((await isovec('path')).text).toBe(`${cache}\n`);
    expect((await isovec('path', ID)).text).toBe(`${folder}\n`);
    expect((await isovec('path', model)).text).toBe(`${model}\n`);
    const there = path.join(python, 'models--org--python', 'snapshots', PYTHON_COMMIT);
    expect((await isovec('path', 'org/python')).text).toBe(`${there}\n`);
    expect(json(await isovec('path', ID, '--json'))).toEqual({ cache, model: ID, path: folder });
    const missing = await isovec('path', 'org/none');
    expect([missing.code, missing.text]).toEqual([3, '']);
  });
});
