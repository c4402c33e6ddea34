import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, realpathSync } from 'node:fs';
import path from 'node:path';
import process from 'node:process';

import { debianPackageOf } from './debian-package.js';
import { IMAGE_PATHS, IMAGE_USER } from './image-contents.js';
import { fileEntry, folderEntry, type ImageEntry, textEntry } from './image-entry.js';
import { elfNeeds, sharedLibraries } from './shared-libraries.js';
import type { Component } from './software-bill.js';

/** Entries of a layer, and what they come from. */
export interface LayerContent {
  readonly entries: readonly ImageEntry[];
  readonly components: readonly Component[];
}

/** The folder of libraries, by the processor as Node names it; the loader looks there without being told. */
export const LIBRARY_FOLDERS: Readonly<Record<string, string>> = {
  x64: '/lib/x86_64-linux-gnu',
  arm64: '/lib/aarch64-linux-gnu',
};

const CERTIFICATES = '/etc/ssl/certs/ca-certificates.crt';
/** Those that Debian ships, one by one: the file above may hold an administrator's own, which are nobody else's business. */
const AUTHORITIES = '/usr/share/ca-certificates/mozilla';
const AUTHORITIES_STATEMENT = '/usr/share/doc/ca-certificates/copyright';
const ACCOUNTS: readonly ImageEntry[] = [
  textEntry(
    '/etc/passwd',
    `root:x:0:0:root:/root:/sbin/nologin\nisovec:x:${IMAGE_USER}:${IMAGE_USER}:isovec:${IMAGE_PATHS.state}:/sbin/nologin\n`,
  ),
  textEntry('/etc/group', `root:x:0:\nisovec:x:${IMAGE_USER}:\n`),
  textEntry('/etc/nsswitch.conf', 'hosts: files dns\n'),
];
/** Places to write to, where they are volumes: the root file system may be read-only. */
const PLACES: readonly ImageEntry[] = [
  folderEntry('/tmp', 0, 0o1777),
  folderEntry(IMAGE_PATHS.cache, IMAGE_USER),
  folderEntry(IMAGE_PATHS.state, IMAGE_USER),
  // Mount points that runtimes otherwise make, which a read-only root does not let them.
  ...['/dev', '/proc', '/sys', '/run'].map((place) => folderEntry(place)),
];

/**
 * Node without the symbols that only debuggers read, the libraries that it and `binaries` need, certificates, accounts and the
 * places to write to. `work` is a folder for what is made on the way. Throws if strip, readelf, a library or a licence is missing.
 */
export function runtimeLayer(binaries: readonly string[], work: string): LayerContent {
  const node = realpathSync(process.execPath);
  const stripped = strip(node, path.join(work, 'node'));
  const { interpreter } = elfNeeds(node);
  const folder = LIBRARY_FOLDERS[process.arch];
  if (interpreter === undefined || folder === undefined) throw new Error(`No image is made on ${process.arch}.`);
  const libraries = sharedLibraries([node, ...binaries], (soname) => {
    const library = path.join(folder, soname);
    return existsSync(library) ? library : undefined;
  });
  const entries: ImageEntry[] = [...ACCOUNTS, ...PLACES, fileEntry(IMAGE_PATHS.node, stripped, 0o755)];
  entries.push(textEntry(CERTIFICATES, certificates()));
  for (const [soname, library] of libraries) {
    const isLoader = soname === path.basename(interpreter);
    entries.push(fileEntry(isLoader ? interpreter : path.join(folder, soname), realpathSync(library), 0o755));
  }
  const { entries: licences, components } = systemLicences([...libraries.values(), AUTHORITIES_STATEMENT]);
  const nodeLicence = textEntry(`${IMAGE_PATHS.documents}/nodejs/LICENSE`, readFileSync(licenceOfNode(node), 'utf8'));
  const own: Component = {
    type: 'application',
    name: 'node',
    version: process.versions.node,
    licence: 'MIT',
    purl: `pkg:generic/node@${process.versions.node}`,
  };
  return { entries: [...entries, ...licences, nodeLicence], components: [own, ...components] };
}

/** Debian's statement on authors and licences of each package that a file is of. */
function systemLicences(files: readonly string[]): LayerContent {
  const packages = new Map(
    files.map((file) => {
      const found = debianPackageOf(file);
      if (found === undefined) throw new Error(`${file} is of no Debian package.`);
      return [found.name, found];
    }),
  );
  const entries: ImageEntry[] = [];
  const components: Component[] = [];
  for (const { name, version, architecture, copyright } of [...packages.values()].sort((a, b) =>
    a.name < b.name ? -1 : 1,
  )) {
    if (copyright === undefined) throw new Error(`Debian's package ${name} has no statement of copyright.`);
    const statement = `${IMAGE_PATHS.documents}/${name}/copyright`;
    entries.push(fileEntry(statement, copyright));
    const purl = `pkg:deb/debian/${name}@${encodeURIComponent(version)}?arch=${architecture}`;
    components.push({ type: 'library', name, version, licence: undefined, statement, purl });
  }
  return { entries, components };
}

/** The authorities, by name, in one file. */
function certificates(): string {
  const names = readdirSync(AUTHORITIES).filter((name) => name.endsWith('.crt'));
  if (names.length === 0) throw new Error(`${AUTHORITIES} is empty; the package ca-certificates has its files.`);
  return names
    .sort()
    .map((name) => readFileSync(path.join(AUTHORITIES, name), 'utf8').trimEnd() + '\n')
    .join('');
}

function strip(file: string, target: string): string {
  mkdirSync(path.dirname(target), { recursive: true });
  const { status, stderr, error } = spawnSync('strip', ['--strip-unneeded', '-o', target, file], { encoding: 'utf8' });
  if (status !== 0) throw new Error(`strip ${file}: ${error?.message ?? stderr}`);
  return target;
}

/** Where the distributions of Node put its licence: beside the folder of programs, or with Debian's documents. */
function licenceOfNode(node: string): string {
  const places = [
    path.join(path.dirname(node), '../LICENSE'),
    '/usr/share/doc/nodejs/LICENSE',
    '/usr/share/doc/nodejs/copyright',
  ];
  const found = places.find((place) => existsSync(place));
  if (found === undefined) throw new Error(`The licence of Node is in none of ${places.join(', ')}.`);
  return found;
}
