import { z } from 'zod';

import { readSource } from './source-files.js';

const names = z.record(z.string(), z.string()).default({});

const manifestSchema = z.object({
  name: z.string(),
  exports: z
    .record(z.string(), z.union([z.string(), z.object({ types: z.string(), default: z.string() }).strict()]))
    .default({}),
  scripts: names,
  dependencies: names,
  optionalDependencies: names,
  peerDependencies: names,
});

/** The parts of package.json that the gates look at. */
export type PackageManifest = z.infer<typeof manifestSchema>;

/** Reads package.json; throws if an entry of `exports` is not a path or exactly `{ types, default }`. */
export function readPackageManifest(root: string): PackageManifest {
  return manifestSchema.parse(JSON.parse(readSource(root, 'package.json')));
}

/** The packages that reach a user's machine: dependencies of every kind but development. */
export function shippedPackages(manifest: PackageManifest): string[] {
  return Object.keys({
    ...manifest.dependencies,
    ...manifest.optionalDependencies,
    ...manifest.peerDependencies,
  }).sort();
}
