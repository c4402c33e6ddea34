import path from 'node:path';
import { z } from 'zod';

import { runNpm } from './run-npm.js';

/** The repository. */
export const ROOT: string = path.resolve(import.meta.dirname, '../..');

const reportSchema = z.object({
  filename: z.string(),
  size: z.number(),
  unpackedSize: z.number(),
  files: z.array(z.object({ path: z.string(), size: z.number() })),
  bundled: z.array(z.string()),
});

/** What npm says about a package that it wrote. */
export interface PackedPackage extends z.infer<typeof reportSchema> {
  /** The file to install. */
  readonly tarball: string;
}

/** Packs a package, by default the repository as it is built, into `folder`, as publishing would. */
export async function packPackage(folder: string, source: string = ROOT): Promise<PackedPackage> {
  const args = ['pack', '--json', '--ignore-scripts', '--pack-destination', folder];
  const output = await runNpm(args, { cwd: source, home: folder });
  // One report for each packed package: a list, or since npm 12 a record by name.
  const [report] = Object.values(z.record(z.string(), reportSchema).parse({ ...JSON.parse(output) }));
  if (report === undefined) throw new Error('npm pack reports no package');
  return { ...report, tarball: path.join(folder, report.filename) };
}
