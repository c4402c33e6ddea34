import { readFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { cpus } from 'node:os';
import path from 'node:path';
import process from 'node:process';
import { parseJsonObject } from '../formats/json/parse-json.js';
import { IsovecError } from '../shared/isovec-error.js';

/** The same relative path leads from src/engine and from dist/engine. */
const MANIFEST = new URL('../../package.json', import.meta.url);

/** The software and the machine that a report was made with. */
export interface SoftwareVersions {
  readonly isovec: string;
  readonly node: string;
  readonly platform: string;
  readonly processor: string;
}

/** What a report says about the software and the machine that made it. */
export async function readVersions(): Promise<SoftwareVersions> {
  const { version } = parseJsonObject(await readFile(MANIFEST), 'package.json');
  if (typeof version !== 'string') throw new IsovecError('INTERNAL', 'The package.json of isovec has no version.');
  return {
    isovec: version,
    node: process.versions.node,
    platform: `${process.platform}-${process.arch}`,
    processor: cpus()[0]?.model.trim() ?? 'unknown',
  };
}

/** The version in the package.json of a package that Node's own search finds first; undefined if there is none. */
export function installedVersion(name: string): string | undefined {
  let folder = import.meta.dirname;
  for (;;) {
    try {
      const text = readFileSync(path.join(folder, 'node_modules', name, 'package.json'), 'utf8');
      const manifest: unknown = JSON.parse(text);
      const known = typeof manifest === 'object' && manifest !== null && 'version' in manifest;
      return known ? String(manifest.version) : undefined;
    } catch {
      const parent = path.dirname(folder);
      if (parent === folder) return undefined;
      folder = parent;
    }
  }
}
