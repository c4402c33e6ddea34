import assert from 'node:assert/strict';
import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';

import { IMAGE_ENTRYPOINT, IMAGE_PATHS, SIZE_BUDGETS } from '../../scripts/image/image-contents.js';
import { acceptContents, acceptMemory, acceptRefusal } from './image/accept-contents.js';
import { acceptDrain, acceptHealthCheck, acceptVectors, startContained } from './image/accept-server.js';
import { buildFromClone, buildIn } from './image/build-from-clone.js';
import type { Container } from './image/contained-process.js';
import { goldenScenarios } from './image/golden-scenarios.js';
import { measureImages } from './image/measure-image.js';
import { unpackImage } from './image/unpack-image.js';

// Whether the images are what they promise: built twice from a clean clone of the last commit with the same digests, within their
// sizes, and served from their own files alone, by an unprivileged user on a root that can only be read. `npm run test:image` runs
// it; with `-- --short` the images of this checkout are built once, and starts are not timed.

const ROOT = path.resolve(import.meta.dirname, '../..');
const ROUNDS = 11;

const isShort = process.argv.includes('--short');
const work = await mkdtemp(path.join(tmpdir(), 'isovec-image-'));
// The image's user must come through.
await chmod(work, 0o755);
try {
  const report = isShort ? await buildIn(ROOT, path.join(work, 'images')) : await buildFromClone(ROOT, work);
  const containers = new Map<string, Container>();
  for (const { variant, folder, bytes } of report) {
    assert.ok(bytes <= SIZE_BUDGETS[variant], `${variant} has ${bytes} bytes of ${SIZE_BUDGETS[variant]}`);
    const root = path.join(work, `root-${variant}`);
    const config = unpackImage(folder, root);
    assert.deepEqual(config.Entrypoint, IMAGE_ENTRYPOINT);
    containers.set(variant, { root, environment: config.Env });
  }
  const scenarios = await goldenScenarios();
  const withModel = ['float32', 'int8'] as const;
  for (const dtype of withModel) {
    const container = containers.get(dtype);
    assert.ok(container !== undefined);
    const server = await startContained(container, IMAGE_ENTRYPOINT);
    console.log(`${dtype}: ${await acceptVectors(server.url, dtype, scenarios)}`);
    await acceptHealthCheck(container, server);
    await acceptDrain(server);
    console.log(`${dtype}: ${await acceptContents(container)}; health check, end on SIGTERM with a request at work`);
    await acceptRefusal(container, IMAGE_ENTRYPOINT);
  }
  const [float32, none] = [containers.get('float32'), containers.get('none')];
  assert.ok(float32 !== undefined && none !== undefined);
  await acceptMemory(float32);
  // Without a model of its own: the cache on a volume that cannot be written to.
  const volume = path.join(float32.root, IMAGE_PATHS.models);
  const mounted = { ...none, volumes: { [IMAGE_PATHS.cache]: volume } };
  const server = await startContained(mounted, IMAGE_ENTRYPOINT);
  console.log(`none, model on a volume: ${await acceptVectors(server.url, 'float32', scenarios)}`);
  await acceptDrain(server);
  if (!isShort) {
    const measured = new Map(withModel.flatMap((name) => [[name, containers.get(name) ?? float32] as const]));
    console.log(`\n${await measureImages(measured, IMAGE_ENTRYPOINT, ROUNDS)}`);
  }
} finally {
  await rm(work, { recursive: true, force: true });
}
