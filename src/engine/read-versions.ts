import { readFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { cpus } from 'node:os';
import path from 'node:path';
import process from 'node:process';
import { parseJsonObject } from '../formats/json/parse-json.js';
import { findNative, type NativeName } from '../runtime/native-packages.js';
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

/** The version of a native package, and the engine package that it comes from; undefined if there is none. */
export function nativeVersion(name: NativeName): { version: string; engine: string | undefined } | undefined {
  const found = findNative(name);
  if (found === undefined) return undefined;
  try {
    const { version } = parseJsonObject(readFileSync(path.join(found.folder, 'package.json')), 'package.json');
    return typeof version === 'string' ? { version, engine: found.engine?.name } : undefined;
  } catch {
    return undefined;
  }
}
