import { readdir, readFile, truncate, writeFile } from 'node:fs/promises';
import path from 'node:path';

import { obtainModel } from '#src/models/obtain-model.js';
import { expect, it } from 'vitest';

import { failure } from '../acquire/acquisition.js';
import { contentOf, hubWithModel, ID, leftBehind, WEIGHTS } from './cache-models.js';
import { CacheProcess } from './cache-process.js';

/** It tells when it was made. */
const isManifest = (name: string): boolean => name === 'snapshot.json';

it.each([2, 4])('%i processes that pull at once fetch every weight once and get the same', async (count) => {
  const { hub, options, files } = await hubWithModel();
  const pulls = Array.from({ length: count }, () => new CacheProcess({ action: 'pull', id: ID, options }));
  const answers = await Promise.all(pulls.map((pull) => pull.answer()));
  expect(new Set(answers.map((answer) => answer?.['root'])).size).toBe(1);
  expect(hub.fileRequests(WEIGHTS).length).toBe(1);
  const root = String(answers[0]?.['root']);
  for (const [name, bytes] of files) {
    const stored = await readFile(path.join(root, name)).catch(() => undefined);
    if (stored !== undefined) expect(stored.equals(bytes), name).toBe(true);
  }
  expect(await leftBehind(options.cacheRoot)).toEqual([]);
});

it('a source that delivers other content is refused, leaves nothing, and does not spoil the next pull', async () => {
  const { hub, options, files } = await hubWithModel();
  const wrong = Buffer.from(files.get(WEIGHTS) ?? []);
  wrong.writeUInt8(wrong.readUInt8(1_000) ^ 1, 1_000);
  hub.plan.set(WEIGHTS, [{ kind: 'bytes', bytes: wrong }]);
  const error = await failure(obtainModel(ID, options));
  expect(error.code).toBe('DIGEST_MISMATCH');
  expect(error.message).toContain(WEIGHTS);
  expect(await leftBehind(options.cacheRoot)).toEqual([]);
  expect(await readdir(path.join(options.cacheRoot, 'snapshots')).catch(() => [])).toEqual([]);
  const model = await obtainModel(ID, options);
  expect((await readFile(path.join(model.root, WEIGHTS))).equals(files.get(WEIGHTS) ?? Buffer.alloc(0))).toBe(true);
});

it.each([
  ['cut', async (file: string) => truncate(file, 1_000)],
  [
    'changed in one byte',
    async (file: string) => {
      const bytes = await readFile(file);
      bytes.writeUInt8(bytes.readUInt8(1_000) ^ 1, 1_000);
      await writeFile(file, bytes);
    },
  ],
])('weights that were %s are named while offline, and fetched again with a network', async (_, damage) => {
  const { options } = await hubWithModel();
  const model = await obtainModel(ID, options);
  const before = await contentOf(model.root, isManifest);
  // The blob is the same file by another name, so it is damaged, too.
  await damage(path.join(model.root, WEIGHTS));
  const error = await failure(obtainModel(ID, { ...options, offline: true, verify: true }));
  expect(error.code).toBe('DIGEST_MISMATCH');
  expect(error.message).toContain(WEIGHTS);
  expect(error.message).toContain(`isovec pull ${ID}`);
  const again = await obtainModel(ID, { ...options, verify: true });
  expect(await contentOf(again.root, isManifest)).toEqual(before);
  expect(await leftBehind(options.cacheRoot)).toEqual([]);
});

it('a blob that was cut does not reach a new snapshot', async () => {
  const { hub, options, files } = await hubWithModel();
  await obtainModel(ID, options);
  const blobs = path.join(options.cacheRoot, 'blobs');
  for (const name of await readdir(blobs)) await truncate(path.join(blobs, name), 3);
  hub.repositories.set('org/other', { commit: 'e'.repeat(40), files });
  const model = await obtainModel('org/other', { ...options, verify: true });
  expect((await readFile(path.join(model.root, WEIGHTS))).equals(files.get(WEIGHTS) ?? Buffer.alloc(0))).toBe(true);
});
