import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';

import { z } from 'zod';

import type { Component } from './software-bill.js';

const manifestSchema = z.object({
  name: z.string(),
  version: z.string(),
  license: z.union([z.string(), z.object({ type: z.string() }).transform(({ type }) => type)]).optional(),
});
const lockSchema = z.object({ packages: z.record(z.string(), z.object({ integrity: z.string().optional() })) });

/** Files that say who holds rights and what is allowed; every package's come along. */
const STATEMENT = /^(licen[cs]e|copying|notice|third-?party)/i;

/** Places of packages in the lock file, such as `node_modules/a/node_modules/b`, with the digests of the registry. */
export function lockedIntegrities(root: string): ReadonlyMap<string, string | undefined> {
  const lock = lockSchema.parse(JSON.parse(readFileSync(path.join(root, 'package-lock.json'), 'utf8')));
  return new Map(Object.entries(lock.packages).map(([place, { integrity }]) => [place, integrity]));
}

/** The package that a file below `node_modules` is of, as its place; undefined for other files. */
export function packagePlace(file: string): string | undefined {
  return /^(?:.*\/)?node_modules\/(?:@[^/]+\/)?[^/]+(?=\/)/.exec(file)?.[0];
}

/** A package as the bill of materials has it. Throws where package.json names no licence. */
export function packageComponent(root: string, place: string, integrity: string | undefined): Component {
  const { name, version, license } = manifestSchema.parse(
    JSON.parse(readFileSync(path.join(root, place, 'package.json'), 'utf8')),
  );
  if (license === undefined) throw new Error(`${place} names no licence.`);
  const purl = `pkg:npm/${name.replace('@', '%40')}@${version}`;
  const bare = license.replace(/^\((.*)\)$/, '$1');
  return { type: 'library', name, version, licence: bare, purl, ...(integrity === undefined ? {} : { integrity }) };
}

/** Names of a package's own statements of licence. */
export function licenceFiles(root: string, place: string): string[] {
  const folder = path.join(root, place);
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { withFileTypes: true })
    .filter((item) => item.isFile() && STATEMENT.test(item.name))
    .map((item) => `${place}/${item.name}`)
    .sort();
}
