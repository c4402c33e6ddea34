import { readFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';

import { describeSnapshot, listSnapshots } from '#src/models/cache/cached-snapshots.js';
import { removeSnapshots } from '#src/models/cache/remove-snapshots.js';
import { storageError } from '#src/models/cache/storage-error.js';
import { verifySnapshot } from '#src/models/cache/verify-snapshot.js';
import { obtainModel, type ObtainOptions } from '#src/models/obtain-model.js';
import { describe, expect, it } from 'vitest';

import { failure, fixtureFiles, namesBelow, temporaryFolder } from './acquisition.js';
import { FakeHub } from './fake-hub.js';

const FIRST = '1'.repeat(40);
const SECOND = '2'.repeat(40);

/** Two models with the same weights and other settings. */
async function twoModels(): Promise<{ options: ObtainOptions; weights: number }> {
  const hub = await FakeHub.start();
  const files = await fixtureFiles('tiny/bert-mean');
  hub.repositories.set('org/first', { commit: FIRST, files });
  const changed = new Map(files).set('extra.json', Buffer.from('{"changed":true}'));
  hub.repositories.set('org/second', { commit: SECOND, files: changed });
  const options = { cacheRoot: await temporaryFolder(), hubEndpoint: hub.endpoint };
  await obtainModel('org/first', options);
  await obtainModel('org/second', options);
  return { options, weights: files.get('model.safetensors')?.byteLength ?? 0 };
}

describe('the models of a cache', () => {
  it('are none where there is no cache', async () => {
    expect(await listSnapshots(path.join(await temporaryFolder(), 'none'))).toEqual([]);
  });

  it('are listed with names, origin and size', async () => {
    const { options } = await twoModels();
    const snapshots = await listSnapshots(options.cacheRoot);
    expect(snapshots.map(({ id, revision, names, origin }) => ({ id, revision, names, origin }))).toEqual([
      { id: 'org/first', revision: FIRST, names: ['main'], origin: 'hub' },
      { id: 'org/second', revision: SECOND, names: ['main'], origin: 'hub' },
    ]);
    expect(snapshots[1]?.size).toBe((snapshots[0]?.size ?? 0) + 16);
    expect(snapshots[0]?.from).toBe(options.hubEndpoint);
  });

  it('are described by branch, commit or alone', async () => {
    const { options } = await twoModels();
    for (const id of ['org/first', 'org/first@main', `org/first@${FIRST}`]) {
      expect((await describeSnapshot(options.cacheRoot, id)).revision).toBe(FIRST);
    }
    const error = await failure(describeSnapshot(options.cacheRoot, 'org/third'));
    expect(error.code).toBe('MODEL_NOT_FOUND');
    expect(error.message).toContain('isovec pull org/third');
    expect((await failure(describeSnapshot(options.cacheRoot, './folder'))).code).toBe('CONFIG_INVALID');
  });

  it('are verified by reading every byte', async () => {
    const { options } = await twoModels();
    const before = await verifySnapshot(await describeSnapshot(options.cacheRoot, 'org/first'));
    expect(before.ok).toBe(true);
    expect(before.files.every((file) => file.status === 'ok')).toBe(true);
    const { path: folder } = await describeSnapshot(options.cacheRoot, 'org/first');
    const weights = path.join(folder, 'model.safetensors');
    const bytes = await readFile(weights);
    bytes.writeUInt8(bytes.readUInt8(1_000) ^ 1, 1_000);
    await writeFile(weights, bytes);
    await rm(path.join(folder, 'tokenizer.json'));
    const after = await verifySnapshot(await describeSnapshot(options.cacheRoot, 'org/first'));
    expect(after.ok).toBe(false);
    expect(after.files.filter((file) => file.status !== 'ok').map(({ name, status }) => [name, status])).toEqual([
      ['model.safetensors', 'corrupt'],
      ['tokenizer.json', 'missing'],
    ]);
  });

  it('are removed with everything that no other model uses', async () => {
    const { options, weights } = await twoModels();
    const [first] = await removeSnapshots(options.cacheRoot, ['org/first']);
    // Its list of files was its own; everything else is shared.
    expect(first).toMatchObject({ id: 'org/first', revision: FIRST });
    expect(first?.freedBytes).toBeLessThan(5_000);
    expect((await verifySnapshot(await describeSnapshot(options.cacheRoot, 'org/second'))).ok).toBe(true);
    expect((await failure(obtainModel('org/first', { ...options, offline: true }))).code).toBe('MODEL_NOT_FOUND');
    const [second] = await removeSnapshots(options.cacheRoot, ['org/second']);
    expect(second?.freedBytes).toBeGreaterThan(weights);
    expect(await namesBelow(options.cacheRoot)).toEqual([]);
  });
});

describe('an error of the disk', () => {
  it.skipIf(process.platform !== 'linux')('says that the disk is full, as a full device tells it', async () => {
    const raw: unknown = await writeFile('/dev/full', 'text').catch((error: unknown) => error);
    expect(storageError(raw, '/cache')).toMatchObject({ code: 'STORAGE_FULL', data: { cacheRoot: '/cache' } });
  });

  it('says that the path of the cache is no folder', async () => {
    const file = path.join(await temporaryFolder(), 'file');
    await writeFile(file, '');
    const hub = await FakeHub.start();
    hub.repositories.set('org/tiny', { commit: FIRST, files: await fixtureFiles('tiny/bert-mean') });
    const error = await failure(obtainModel('org/tiny', { cacheRoot: file, hubEndpoint: hub.endpoint }));
    expect(error.code).toBe('CONFIG_INVALID');
    expect(error.message).toContain(file);
  });

  it('is left as it is where it says nothing about the cache', () => {
    const error = new Error('other');
    expect(storageError(error, '/cache')).toBe(error);
  });
});
