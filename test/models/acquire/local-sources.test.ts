import { mkdir, rm, symlink, writeFile, cp } from 'node:fs/promises';
import path from 'node:path';

import { obtainModel } from '#src/models/obtain-model.js';
import { describe, expect, it } from 'vitest';

import { failure, fixture, fixtureFiles, namesBelow, temporaryFolder } from './acquisition.js';

const COMMIT = 'a'.repeat(40);

describe('a model in a folder', () => {
  it('is used where it is, with what is needed of it', async () => {
    const cacheRoot = path.join(await temporaryFolder(), 'cache');
    const model = await obtainModel(fixture('tiny/bert-sharded'), { cacheRoot, offline: true });
    expect(model).toMatchObject({ id: model.root, revision: undefined, origin: 'folder' });
    expect(model.root).toBe(fixture('tiny/bert-sharded'));
    expect([...model.files.keys()].filter((name) => name.endsWith('.safetensors')).length).toBe(4);
    expect(await namesBelow(cacheRoot)).toEqual([]);
  });

  it.each([
    ['pickle-only', 'FORMAT_INVALID', /pytorch_model\.bin.*pickle.*safe_serialization/is],
    ['index-traversal', 'FORMAT_INVALID', /\.\.\/00-good/],
    ['index-missing-shard', 'MODEL_FILE_MISSING', /shard/],
    ['modules-traversal', 'FORMAT_INVALID', /modules\.json/],
    ['modules-absolute', 'FORMAT_INVALID', /modules\.json/],
    ['modules-symlink-like', 'FORMAT_INVALID', /modules\.json/],
  ])('is refused if it is %s', async (name, code, message) => {
    const error = await failure(obtainModel(fixture(`hostile/${name}`), { cacheRoot: await temporaryFolder() }));
    expect(error.code).toBe(code);
    expect(error.message).toMatch(message);
  });

  it('is refused if a module has pickled weights only', async () => {
    const folder = await temporaryFolder();
    await cp(fixture('tiny/bert-dense'), folder, { recursive: true });
    await rm(path.join(folder, '2_Dense/model.safetensors'));
    await writeFile(path.join(folder, '2_Dense/pytorch_model.bin'), 'pickle');
    const error = await failure(obtainModel(folder, { cacheRoot: await temporaryFolder() }));
    expect(error.code).toBe('FORMAT_INVALID');
    expect(error.message).toContain('2_Dense/pytorch_model.bin');
  });

  it('may hold leftovers of training beside safetensors weights', async () => {
    const folder = await temporaryFolder();
    await cp(fixture('tiny/bert-mean'), folder, { recursive: true });
    for (const name of ['training_args.bin', 'optimizer.pt', 'pytorch_model.bin']) {
      await writeFile(path.join(folder, name), 'pickle');
    }
    const model = await obtainModel(folder, { cacheRoot: await temporaryFolder() });
    expect([...model.files.keys()].some((name) => /\.(bin|pt)$/.test(name))).toBe(false);
  });

  it('is refused without any weights, naming what was found instead', async () => {
    const folder = await temporaryFolder();
    await writeFile(path.join(folder, 'config.json'), '{}');
    await writeFile(path.join(folder, 'model.onnx'), '');
    const error = await failure(obtainModel(folder, { cacheRoot: await temporaryFolder() }));
    expect(error.code).toBe('MODEL_FILE_MISSING');
    expect(error.message).toContain('model.onnx');
  });

  it('is not found if there is no such folder', async () => {
    const error = await failure(obtainModel('./no-such-folder', { cacheRoot: await temporaryFolder() }));
    expect(error.code).toBe('MODEL_NOT_FOUND');
  });
});

describe("a model in Python's hub cache", () => {
  /** The layout of Python's library: files by their digest, and links to them. */
  async function pythonCache(leaveOut: readonly string[] = []): Promise<{ root: string; repository: string }> {
    const root = await temporaryFolder();
    const repository = path.join(root, 'models--org--tiny');
    await mkdir(path.join(repository, 'blobs'), { recursive: true });
    await mkdir(path.join(repository, 'refs'));
    await writeFile(path.join(repository, 'refs/main'), COMMIT);
    let count = 0;
    for (const [name, bytes] of await fixtureFiles('tiny/bert-cls')) {
      if (leaveOut.includes(name)) continue;
      const blob = path.join(repository, 'blobs', `digest${count++}`);
      const file = path.join(repository, 'snapshots', COMMIT, name);
      await writeFile(blob, bytes);
      await mkdir(path.dirname(file), { recursive: true });
      await symlink(path.relative(path.dirname(file), blob), file);
    }
    return { root, repository };
  }

  it('is used in place, by branch or commit, offline', async () => {
    const { root, repository } = await pythonCache();
    const cacheRoot = path.join(await temporaryFolder(), 'cache');
    for (const id of ['org/tiny', 'org/tiny@main', `org/tiny@${COMMIT}`]) {
      const model = await obtainModel(id, { cacheRoot, pythonHubCache: root, offline: true });
      expect(model).toMatchObject({ id: 'org/tiny', revision: COMMIT, origin: 'python-cache' });
      expect(model.files.get('model.safetensors')?.path).toContain(path.join(repository, 'blobs'));
    }
    expect(await namesBelow(cacheRoot)).toEqual([]);
  });

  it.each(['modules.json', 'config_sentence_transformers.json', 'tokenizer_config.json', 'sentence_bert_config.json'])(
    'is not used without %s, unless it is known that the repository has none',
    async (name) => {
      const { root, repository } = await pythonCache([name]);
      const options = { cacheRoot: await temporaryFolder(), pythonHubCache: root, offline: true };
      const error = await failure(obtainModel('org/tiny', options));
      expect(error.code).toBe('MODEL_FILE_MISSING');
      expect(error.message).toContain(`lacks ${name}`);
      await mkdir(path.join(repository, '.no_exist', COMMIT), { recursive: true });
      await writeFile(path.join(repository, '.no_exist', COMMIT, name), '');
      expect((await obtainModel('org/tiny', options)).files.has(name)).toBe(false);
    },
  );

  it('is not used without its weights', async () => {
    const { root } = await pythonCache(['model.safetensors']);
    const options = { cacheRoot: await temporaryFolder(), pythonHubCache: root, offline: true };
    expect((await failure(obtainModel('org/tiny', options))).code).toBe('MODEL_FILE_MISSING');
  });

  it('is not found in a cache without it, with the command that fetches it', async () => {
    const options = { cacheRoot: await temporaryFolder(), pythonHubCache: await temporaryFolder(), offline: true };
    const error = await failure(obtainModel('org/tiny', options));
    expect(error.code).toBe('MODEL_NOT_FOUND');
    expect(error.message).toContain('isovec pull org/tiny');
    expect(error.data['attempts']).toMatchObject([{ source: 'own cache' }, { source: 'Python hub cache' }]);
  });
});
