import { mkdir, rename, rm } from 'node:fs/promises';

import { systemErrorCode } from '../../shared/isovec-error.js';
import type { CacheLayout } from './cache-layout.js';

/** Takes a folder's name away before its content, so that nobody finds half of it, also after a kill. */
export async function removeAtOnce(layout: CacheLayout, folder: string): Promise<void> {
  const aside = layout.temporaryFolder();
  await mkdir(layout.temporary, { recursive: true });
  try {
    await rename(folder, aside);
  } catch (error) {
    if (systemErrorCode(error) === 'ENOENT') return;
    throw error;
  }
  await rm(aside, { recursive: true, force: true });
}
