import { mkdtemp, realpath, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';

import { CacheLayout } from '#src/models/cache/cache-layout.js';
import { MANIFEST, readManifest } from '#src/models/cache/snapshot-manifest.js';
import { readRef, writeRef } from '#src/models/cache/snapshot-refs.js';
import type { IsovecError } from '#src/shared/isovec-error.js';
import { describe, expect, it, onTestFinished } from 'vitest';

const SOUND = {
  format: 1,
  id: 'org/name',
  revision: 'main',
  origin: 'hub',
  from: 'somewhere',
  createdAt: '2026-01-01T00:00:00.000Z',
  files: [{ name: 'config.json', size: 0, sha256: 'a'.repeat(64) }],
};

async function temporaryFolder(): Promise<string> {
  const folder = await realpath(await mkdtemp(path.join(tmpdir(), 'isovec-records-')));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

async function manifestOf(document: unknown): Promise<unknown> {
  const folder = await temporaryFolder();
  await writeFile(path.join(folder, MANIFEST), JSON.stringify(document));
  return readManifest(folder);
}

describe('the manifest of a snapshot', () => {
  it('is read as it was written, whatever else a later version adds', async () => {
    expect(await manifestOf({ ...SOUND, later: true })).toEqual(SOUND);
  });

  const [file] = SOUND.files;
  it.each([
    ['format', { ...SOUND, format: 2 }],
    ['id', { ...SOUND, id: '' }],
    ['revision', { ...SOUND, revision: null }],
    ['origin', { ...SOUND, origin: 'elsewhere' }],
    ['from', { ...SOUND, from: 1 }],
    ['createdAt', { ...SOUND, createdAt: undefined }],
    ['files', { ...SOUND, files: [] }],
    ['files', { ...SOUND, files: {} }],
    ['files', { ...SOUND, files: ['config.json'] }],
    ['name', { ...SOUND, files: [{ ...file, name: 7 }] }],
    ['size', { ...SOUND, files: [{ ...file, size: -1 }] }],
    ['size', { ...SOUND, files: [{ ...file, size: 1.5 }] }],
    ['sha256', { ...SOUND, files: [{ ...file, sha256: 'A'.repeat(64) }] }],
  ])('is FORMAT_INVALID, naming the file and the member, for a wrong %s', async (key, document) => {
    const error = await manifestOf(document).then(
      () => undefined,
      (thrown: unknown) => thrown as IsovecError,
    );
    expect(error).toMatchObject({ code: 'FORMAT_INVALID', data: { key } });
    expect(error?.message).toContain(MANIFEST);
    expect(error?.message).toContain(`${key} must be`);
  });

  it('never names a file outside of the snapshot', async () => {
    const escape = manifestOf({ ...SOUND, files: [{ ...file, name: '../outside.json' }] });
    await expect(escape).rejects.toMatchObject({ code: 'FORMAT_INVALID' });
  });
});

describe('what a name stands for', () => {
  it('is unknown, not an error, when its record is damaged', async () => {
    const layout = new CacheLayout(await temporaryFolder());
    const ref = { id: 'org/name', name: 'main', targetId: 'org/name', target: 'wheel-1.0.0' };
    await writeRef(layout, ref);
    expect(await readRef(layout, 'org/name', 'main')).toEqual(ref);
    for (const damaged of ['', '{', '[]', JSON.stringify({ ...ref, target: 1 })]) {
      await writeFile(layout.ref('org/name', 'main'), damaged);
      expect(await readRef(layout, 'org/name', 'main')).toBeUndefined();
    }
  });
});
