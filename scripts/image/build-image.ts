import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import process from 'node:process';

import { ownComponent } from './application-layers.js';
import { IMAGE_VARIANTS, type ImageVariant } from './image-contents.js';
import { describeImage } from './image-description.js';
import { imageLayers } from './image-layers.js';
import { type WrittenLayer, writeOciLayout } from './oci-layout.js';

/** An image that was written. */
export interface BuiltImage {
  /** The OCI layout. */
  readonly folder: string;
  readonly digest: string;
  readonly reference: string;
  readonly layers: readonly WrittenLayer[];
}

/**
 * Builds images from the repository at `root`, each as an OCI layout in a folder of its name below `out`. Digests depend on what
 * goes in and on the date that the images carry: SOURCE_DATE_EPOCH, or that of the commit.
 */
export async function buildImages(
  root: string,
  out: string,
  variants: readonly ImageVariant[] = IMAGE_VARIANTS,
): Promise<ReadonlyMap<ImageVariant, BuiltImage>> {
  const work = mkdtempSync(path.join(tmpdir(), 'isovec-image-'));
  try {
    const { version } = ownComponent(root);
    const [commit = '', time = '0'] = git(root, ['log', '-1', '--format=%H %ct']).split(' ');
    const created = new Date(1000 * Number(process.env['SOURCE_DATE_EPOCH'] ?? time));
    const images = new Map<ImageVariant, BuiltImage>();
    for (const [variant, layers] of await imageLayers(root, variants, work)) {
      const folder = path.join(out, variant);
      const description = describeImage(variant, { version, revision: commit, created });
      images.set(variant, { folder, reference: description.reference, ...writeOciLayout(folder, layers, description) });
    }
    return images;
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}

/** What git says; empty where there is no repository. */
function git(root: string, args: readonly string[]): string {
  const { status, stdout } = spawnSync('git', ['-C', root, ...args], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  return status === 0 ? stdout.trim() : '';
}
