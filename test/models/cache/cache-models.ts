import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import path from 'node:path';

import type { ObtainOptions } from '#src/models/obtain-model.js';

import { fixtureFiles, namesBelow, temporaryFolder } from '../acquire/acquisition.js';
import { FakeHub } from '../acquire/fake-hub.js';

export const COMMIT = '0123456789abcdef0123456789abcdef01234567';
export const ID = 'org/tiny';
export const WEIGHTS = 'model.safetensors';

/** A hub with one tiny model, and a cache that is empty. */
export async function hubWithModel(
  fixtureName = 'tiny/bert-mean',
): Promise<{ hub: FakeHub; options: ObtainOptions & { cacheRoot: string }; files: Map<string, Uint8Array> }> {
  const hub = await FakeHub.start();
  const files = await fixtureFiles(fixtureName);
  hub.repositories.set(ID, { commit: COMMIT, files });
  return { hub, files, options: { cacheRoot: await temporaryFolder(), hubEndpoint: hub.endpoint } };
}

/** SHA-256 of every file below a folder, by name. */
export async function contentOf(
  folder: string,
  without: (name: string) => boolean = () => false,
): Promise<Readonly<Record<string, string>>> {
  const content: Record<string, string> = {};
  for (const name of await namesBelow(folder)) {
    if (without(name)) continue;
    content[name] = createHash('sha256')
      .update(await readFile(path.join(folder, name)))
      .digest('hex');
  }
  return content;
}

/** Names of what an interrupted process may leave behind in a cache. */
export async function leftBehind(cacheRoot: string): Promise<readonly string[]> {
  const all = await namesBelow(cacheRoot);
  return all.filter((name) => /^(tmp|locks|partial|leases)\//.test(name));
}

/** How often a process is killed: ISOVEC_KILLS raises it for a heavy run. */
export function killCount(): number {
  const asked = Number(process.env['ISOVEC_KILLS'] ?? '');
  return Number.isSafeInteger(asked) && asked > 0 ? asked : 20;
}
