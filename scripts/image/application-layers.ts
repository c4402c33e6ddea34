import { readFileSync } from 'node:fs';
import path from 'node:path';

import { type EnginePlatform, officialFiles } from '../release/engine-platforms.js';
import { assembleEngine, engineName } from '../release/assemble-engine.js';
import { IMAGE_PATHS } from './image-contents.js';
import { fileEntry, type ImageEntry, textEntry, treeEntries } from './image-entry.js';
import { licenceFiles, lockedIntegrities, packageComponent, packagePlace } from './installed-package.js';
import type { LayerContent } from './runtime-layer.js';
import type { Component } from './software-bill.js';
import { tracedFiles } from './traced-files.js';

/** Files that a start of the program reads, as package.json has them; declarations and the map of the build stay behind. */
const APPLICATION = ['dist', 'data', 'proto/akidb', 'proto/tei', 'page/dist'];
const FILES = ['package.json', 'LICENSE'];

/** A program for `docker exec` and probes: the command line's own first line asks for /usr/bin/env, which is not there. */
const COMMAND = `#!${IMAGE_PATHS.node}\nimport('${IMAGE_PATHS.application}/dist/cli/main.js');\n`;

/** The engine package of a platform, as it is released. `work` is for what is made on the way. */
export function engineLayer(root: string, platform: EnginePlatform, work: string): LayerContent {
  const folder = path.join(work, `engine-${platform}`);
  const { packages } = assembleEngine(root, platform, folder);
  const place = path.posix.join(IMAGE_PATHS.application, 'node_modules', engineName(platform));
  const components = packages.map(({ name, version, license, integrity }): Component => {
    return { type: 'library', name, version, licence: license, integrity, purl: `pkg:npm/${name}@${version}` };
  });
  return { entries: treeEntries(place, folder), components };
}

/** Every native file of a platform's engine, in the repository's own packages. */
export function engineBinaries(root: string, platform: EnginePlatform): string[] {
  return officialFiles(platform).flatMap(({ name, files }) =>
    files.filter((file) => /\.node$|\.so\.\d+$/.test(file)).map((file) => path.join(root, 'node_modules', name, file)),
  );
}

/** The JavaScript packages: files that may be loaded, with the statements of licence of each package. */
export async function packagesLayer(root: string): Promise<LayerContent & { readonly binaries: readonly string[] }> {
  const traced = await tracedFiles(root);
  const places = [...new Set(traced.flatMap((file) => packagePlace(file) ?? []))].sort();
  const integrities = lockedIntegrities(root);
  const files = new Set([...traced, ...places.flatMap((place) => licenceFiles(root, place))]);
  // Without it a package would be of another kind (module or CommonJS) than it says.
  for (const place of places) files.add(`${place}/package.json`);
  const entries = [...files].map((file) =>
    fileEntry(path.posix.join(IMAGE_PATHS.application, file), path.join(root, file)),
  );
  const components = places.map((place) => packageComponent(root, place, integrities.get(place)));
  return {
    entries,
    components,
    binaries: traced.filter((file) => file.endsWith('.node')).map((file) => path.join(root, file)),
  };
}

/** isovec itself, as it was built. */
export function applicationEntries(root: string): ImageEntry[] {
  const isNeeded = (name: string): boolean => !/\.d\.ts$|^\.(built|tsbuildinfo)$/.test(name);
  return [
    ...APPLICATION.flatMap((folder) =>
      treeEntries(path.posix.join(IMAGE_PATHS.application, folder), path.join(root, folder), isNeeded),
    ),
    ...FILES.map((file) => fileEntry(path.posix.join(IMAGE_PATHS.application, file), path.join(root, file))),
    fileEntry(IMAGE_PATHS.healthCheck, path.join(root, 'deploy/health-check.mjs')),
    textEntry(IMAGE_PATHS.command, COMMAND, 0o755),
  ];
}

/** isovec as a component, the subject of the bill of materials. */
export function ownComponent(root: string): Component {
  const { version } = JSON.parse(readFileSync(path.join(root, 'package.json'), 'utf8')) as { version: string };
  return { type: 'application', name: 'isovec', version, licence: 'Apache-2.0', purl: `pkg:npm/isovec@${version}` };
}
