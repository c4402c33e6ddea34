import assert from 'node:assert/strict';

import { IMAGE_PATHS, IMAGE_USER } from '../../../scripts/image/image-contents.js';
import { type Container, runContained } from './contained-process.js';

/** Loads every module of isovec but its programs, and those that draw plots: a package that is not in the image is missed by one. */
const LOAD_ALL = `
  import { readdir } from 'node:fs/promises';
  import { createRequire } from 'node:module';
  const root = '${IMAGE_PATHS.application}/dist/';
  const files = (await readdir(root, { recursive: true })).filter(
    (name) => name.endsWith('.js') && !/main\\.js$|^chunks\\/|^bench\\/plots\\/|-process\\.js$/.test(name),
  );
  for (const file of files) await import(root + file);
  const { resolve } = createRequire(root);
  const optional = ['libsql', 'pg', '@qdrant/js-client-rest'];
  for (const name of optional) await import(resolve(name));
  console.log(files.length);
  process.exit(0);
`;
const WRITE = `
  const { writeFileSync } = require('node:fs');
  const results = {};
  for (const file of ['/x', '${IMAGE_PATHS.application}/x', '${IMAGE_PATHS.models}/x', '${IMAGE_PATHS.cache}/x', '/tmp/x', '${IMAGE_PATHS.state}/x']) {
    try {
      writeFileSync(file, '');
      results[file] = 'written';
    } catch ({ code }) {
      results[file] = code;
    }
  }
  console.log(JSON.stringify({ user: process.getuid(), group: process.getgid(), results }));
`;

/** All that is imported is there, for the image's user, who can write where volumes are and nowhere else. */
export async function acceptContents(container: Container): Promise<string> {
  const loaded = await runContained(container, [IMAGE_PATHS.node, '--input-type=module', '--eval', LOAD_ALL]);
  assert.equal(loaded.code, 0, loaded.stderr);
  const written = await runContained(container, [IMAGE_PATHS.node, '--eval', WRITE]);
  assert.deepEqual(JSON.parse(written.stdout), {
    user: IMAGE_USER,
    group: IMAGE_USER,
    results: {
      '/x': 'EROFS',
      [`${IMAGE_PATHS.application}/x`]: 'EROFS',
      [`${IMAGE_PATHS.models}/x`]: 'EROFS',
      [`${IMAGE_PATHS.cache}/x`]: 'EROFS',
      '/tmp/x': 'written',
      [`${IMAGE_PATHS.state}/x`]: 'written',
    },
  });
  return `${loaded.stdout.trim()} modules load`;
}

/** Without keys the server does not start, and says what it needs. */
export async function acceptRefusal(container: Container, entrypoint: readonly string[]): Promise<void> {
  const { code, stderr } = await runContained(container, entrypoint);
  assert.equal(code, 2, stderr);
  assert.match(stderr, /API keys/);
}

/** A memory in SQLite, on the one volume that can be written to. */
export async function acceptMemory(container: Container): Promise<void> {
  const script = `
    const { execFileSync } = require('node:child_process');
    const run = (...args) => execFileSync('${IMAGE_PATHS.command}', ['memory', ...args], { encoding: 'utf8' });
    run('remember', 'the gateway is in hall 3');
    console.log(run('recall', 'where is the gateway?'));
  `;
  const { code, stdout, stderr } = await runContained(container, [IMAGE_PATHS.node, '--eval', script]);
  assert.equal(code, 0, stderr);
  assert.match(stdout, /hall 3/);
}
