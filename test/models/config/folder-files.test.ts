import { mkdir, symlink, writeFile } from 'node:fs/promises';
import path from 'node:path';

import { listFolderFiles } from '#src/models/folder-files.js';
import { describe, expect, it } from 'vitest';

import { failure, fixture, temporaryFolder } from './model-folder.js';

describe('listFolderFiles', () => {
  it('lists every file by its path inside the model', async () => {
    const model = await listFolderFiles(fixture('hostile/00-good'));
    expect([...model.files.keys()].sort()).toEqual([
      '1_Pooling/config.json',
      'case.json',
      'config.json',
      'config_sentence_transformers.json',
      'model.safetensors',
      'modules.json',
      'sentence_bert_config.json',
      'tokenizer.json',
      'tokenizer_config.json',
    ]);
    expect(model).toMatchObject({ id: model.root, origin: 'folder', revision: undefined });
    expect(path.isAbsolute(model.root)).toBe(true);
  });

  it('follows a link to a file and records the real path and size, as download caches need', async () => {
    const blobs = await temporaryFolder();
    const folder = await temporaryFolder();
    await writeFile(path.join(blobs, 'blob'), '{"a":1}');
    await symlink(path.join(blobs, 'blob'), path.join(folder, 'config.json'));
    const file = (await listFolderFiles(folder)).files.get('config.json');
    expect(file?.size).toBe(7);
    expect(path.basename(file?.path ?? '')).toBe('blob');
  });

  it('leaves out linked folders, dangling links, hidden folders and what lies too deep', async () => {
    const other = await temporaryFolder();
    const folder = await temporaryFolder();
    await writeFile(path.join(other, 'secret.json'), '{}');
    await symlink(other, path.join(folder, 'linked'));
    await symlink(folder, path.join(folder, 'loop'));
    await symlink(path.join(folder, 'nowhere'), path.join(folder, 'dangling.json'));
    for (const name of ['.git', 'a/b/c/d']) {
      await mkdir(path.join(folder, name), { recursive: true });
      await writeFile(path.join(folder, name, 'file.json'), '{}');
    }
    await writeFile(path.join(folder, 'a/b/c/kept.json'), '{}');
    expect([...(await listFolderFiles(folder)).files.keys()]).toEqual(['a/b/c/kept.json']);
  });

  it('says that a missing folder, or a file in its place, is no model', async () => {
    const folder = await temporaryFolder();
    await writeFile(path.join(folder, 'file'), '');
    for (const name of ['missing', 'file', 'file/below']) {
      const error = await failure(() => listFolderFiles(path.join(folder, name)));
      expect(error.code).toBe('MODEL_NOT_FOUND');
      expect(error.message).toContain(name);
    }
  });

  it('stops at a folder that holds far more files than a model', async () => {
    const folder = await temporaryFolder();
    await Promise.all(Array.from({ length: 4_097 }, (_, i) => writeFile(path.join(folder, `${i}`), '')));
    expect((await failure(() => listFolderFiles(folder))).code).toBe('FORMAT_INVALID');
  });
});
