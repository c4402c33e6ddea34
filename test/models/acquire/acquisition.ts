import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, readdir, readFile, realpath, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';

import { isIsovecError, type IsovecError } from '#src/shared/isovec-error.js';
import { onTestFinished } from 'vitest';

/** A new folder that is removed after the test. */
export async function temporaryFolder(): Promise<string> {
  const folder = await realpath(await mkdtemp(path.join(tmpdir(), 'isovec-acquire-')));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

export function fixture(name: string): string {
  return path.resolve(import.meta.dirname, '../../fixtures', name);
}

/** The files of a fixture by their path inside it. */
export async function fixtureFiles(name: string): Promise<Map<string, Uint8Array>> {
  const root = fixture(name);
  const files = new Map<string, Uint8Array>();
  for (const entry of await readdir(root, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    const file = path.join(entry.parentPath, entry.name);
    files.set(path.relative(root, file).split(path.sep).join('/'), await readFile(file));
  }
  return files;
}

/** The error a call rejects with, which must be of the product. */
export async function failure(call: Promise<unknown>): Promise<IsovecError> {
  let value: unknown;
  try {
    value = await call;
  } catch (error) {
    if (isIsovecError(error)) return error;
    throw error;
  }
  throw new Error(`resolved with ${JSON.stringify(value)} instead of rejecting`);
}

export function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}

/** An address where nothing listens. */
export async function closedEndpoint(): Promise<string> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('not listening');
  server.close();
  await once(server, 'close');
  return `http://127.0.0.1:${address.port}`;
}

/** Names below a folder, '/' separated; none if it does not exist. */
export async function namesBelow(folder: string): Promise<readonly string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch(() => []);
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => path.relative(folder, path.join(entry.parentPath, entry.name)).split(path.sep).join('/'))
    .sort();
}
