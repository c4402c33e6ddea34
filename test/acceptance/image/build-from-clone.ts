import { readFileSync, renameSync } from 'node:fs';
import path from 'node:path';

import { z } from 'zod';

import { runStep } from '../run-step.js';

const reportSchema = z.array(
  z.object({
    variant: z.enum(['none', 'float32', 'int8']),
    folder: z.string(),
    digest: z.string(),
    bytes: z.number(),
  }),
);

/** Images as `npm run image:build` reports them. */
export type BuildReport = z.infer<typeof reportSchema>;

/** Builds the images of a checkout whose packages are installed, with the checkout's own builder. */
export async function buildIn(root: string, out: string): Promise<BuildReport> {
  const report = path.join(out, 'report.json');
  await runStep('npm', ['run', '--silent', 'image:build', '--', '--out', out, '--report', report], root);
  return reportSchema.parse(JSON.parse(readFileSync(report, 'utf8')));
}

/**
 * Builds the images of the last commit twice: from a clean clone, and from the same clone at another place, built anew. Throws if
 * a digest differs. `work` is an empty folder.
 */
export async function buildFromClone(root: string, work: string): Promise<BuildReport> {
  const clone = path.join(work, 'clone');
  await runStep('git', ['clone', '--quiet', '--no-hardlinks', root, clone]);
  await runStep('npm', ['ci', '--silent'], clone);
  const first = await buildIn(clone, path.join(work, 'images'));
  const moved = path.join(work, 'moved/elsewhere');
  await runStep('mkdir', ['--parents', path.dirname(moved)]);
  renameSync(clone, moved);
  await runStep('rm', ['-rf', path.join(moved, 'dist'), path.join(moved, 'page/dist')]);
  const again = await buildIn(moved, path.join(work, 'again'));
  for (const [at, { variant, digest }] of first.entries()) {
    if (again[at]?.digest !== digest) throw new Error(`${variant}: ${digest}, built again ${again[at]?.digest}`);
  }
  process.stdout.write(`Both builds have the same digests.\n\n`);
  return first;
}
