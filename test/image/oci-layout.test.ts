import { createHash } from 'node:crypto';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { gunzipSync } from 'node:zlib';

import { expect, it, onTestFinished } from 'vitest';

import { describeImage } from '../../scripts/image/image-description.js';
import { textEntry } from '../../scripts/image/image-entry.js';
import { writeOciLayout } from '../../scripts/image/oci-layout.js';

interface Descriptor {
  readonly digest: string;
  readonly size: number;
}

const LAYERS = [
  { name: 'runtime', entries: [textEntry('/bin/node', 'node', 0o755)] },
  { name: 'model', entries: [textEntry('/model/weights', '12345678')] },
];
const DESCRIPTION = describeImage('int8', { version: '0.1.0', revision: 'abc', created: new Date(0) });

it('an image layout names every blob by its digest, and two of the same content are the same', async () => {
  const folder = await mkdtemp(path.join(tmpdir(), 'isovec-oci-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  const written = writeOciLayout(path.join(folder, 'one'), LAYERS, DESCRIPTION);
  expect(writeOciLayout(path.join(folder, 'two'), LAYERS, DESCRIPTION)).toEqual(written);
  const blobs = path.join(folder, 'one/blobs/sha256');
  for (const name of await readdir(blobs)) expect(sha256(await readFile(path.join(blobs, name)))).toBe(name);

  const read = async <T>({ digest, size }: Descriptor): Promise<T> => {
    const bytes = await readFile(path.join(blobs, digest.slice('sha256:'.length)));
    expect(bytes.byteLength).toBe(size);
    return JSON.parse(bytes.toString()) as T;
  };
  const index = JSON.parse(await readFile(path.join(folder, 'one/index.json'), 'utf8')) as { manifests: Descriptor[] };
  const [image] = index.manifests;
  if (image === undefined) throw new Error('no image');
  expect(image.digest).toBe(written.digest);
  const manifest = await read<{ config: Descriptor; layers: Descriptor[] }>(image);
  const config = await read<{ config: object; rootfs: { diff_ids: string[] } }>(manifest.config);
  expect(config.config).toEqual(DESCRIPTION.config);
  // A digest of the configuration is that of the archive before it was compressed.
  for (const [at, { digest }] of manifest.layers.entries()) {
    const archive = gunzipSync(await readFile(path.join(blobs, digest.slice('sha256:'.length))));
    expect(config.rootfs.diff_ids[at]).toBe(`sha256:${sha256(archive)}`);
  }
  expect(written.layers.map(({ name, bytes, files }) => [name, bytes, files])).toEqual([
    ['runtime', 4, 1],
    ['model', 8, 1],
  ]);
});

function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}
