import { readFileSync } from 'node:fs';
import path from 'node:path';
import { z } from 'zod';

const names = z.record(z.string(), z.string()).default({});
const lockSchema = z.object({
  packages: z.record(
    z.string(),
    z.object({
      version: z.string().optional(),
      license: z.string().optional(),
      integrity: z.string().optional(),
      dependencies: names,
      peerDependencies: names,
      peerDependenciesMeta: z.record(z.string(), z.object({ optional: z.boolean().optional() })).default({}),
    }),
  ),
});

/** Not bundled, though the repository depends on them: the engine packages hold what is needed of them. */
export const IN_ENGINES: readonly string[] = ['onnxruntime-node', 'tokenizers'];

/**
 * Stays a package of its own. Programs and libraries meet in it: its copies find each other only if the one that looks is no newer
 * than the one that was set up, so isovec must use the program's own copy where there is one.
 */
export const SHARED: readonly string[] = ['@opentelemetry/api'];

/** Declarations of Node for those who compile; whoever does that has them already, of their own Node. */
const NO_CODE = '@types/node';

/** A package of the lock file that users get as a part of isovec. */
export interface BundledPackage {
  /** Its folder, from the repository: `node_modules/yauzl`, or deeper where another version lies above. */
  readonly place: string;
  readonly name: string;
  readonly version: string;
  readonly license: string;
  readonly integrity: string;
}

/**
 * The packages that isovec needs at run time, as the lock file places them, sorted: its dependencies and theirs, without
 * those that the engines hold, that are shared, or that hold no code. Throws if one that is needed is not in the lock file.
 */
export function bundledPackages(root: string): BundledPackage[] {
  const { packages } = lockSchema.parse(JSON.parse(readFileSync(path.join(root, 'package-lock.json'), 'utf8')));
  const left = new Set([...IN_ENGINES, ...SHARED, NO_CODE]);
  const places = new Set(['']);
  // A set that grows while it is walked.
  for (const place of places) {
    const { dependencies = {}, peerDependencies = {}, peerDependenciesMeta = {} } = packages[place] ?? {};
    // The optional peers of isovec are the user's choice, and so are those of a package.
    const peers = Object.keys(peerDependencies).filter((name) => peerDependenciesMeta[name]?.optional !== true);
    for (const name of [...Object.keys(dependencies), ...peers]) {
      if (!left.has(name)) places.add(placeOf(packages, place, name));
    }
  }
  places.delete('');
  return [...places].sort().map((place) => {
    const { version, license, integrity } = packages[place] ?? {};
    const name = nameAt(place);
    if (version === undefined || license === undefined || integrity === undefined) {
      throw new Error(`package-lock.json says too little about ${place}.`);
    }
    return { place, name, version, license, integrity };
  });
}

/** The name of the package that lies at a place. */
function nameAt(place: string): string {
  return place.split('node_modules/').at(-1) ?? '';
}

/** Whether a dependency of a bundled package is left out for every one of them. */
export function isLeftOut(name: string): boolean {
  return name === NO_CODE;
}

/** Where Node finds a package from a place: beside it, or in a folder above. */
function placeOf(packages: Readonly<Record<string, unknown>>, from: string, name: string): string {
  for (let folder = from; ; folder = folder.slice(0, folder.lastIndexOf('node_modules/')).replace(/\/$/, '')) {
    const place = path.posix.join(folder, 'node_modules', name);
    if (place in packages) return place;
    if (folder === '') throw new Error(`package-lock.json has no ${name} for ${from}; run npm install.`);
  }
}
