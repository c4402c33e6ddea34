import { chmodSync, copyFileSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';

import { IMAGE_LAYERS } from './image-contents.js';
import { type ImageEntry, readEntry } from './image-entry.js';
import type { Layer } from './oci-layout.js';

/**
 * Writes layers as folders below `folder`, one each, for a container engine to copy. A layer that the variant does not have is an
 * empty folder, so that every variant is copied alike. Folders of the image's user are left out: who copies says whose they are.
 */
export function writeStage(folder: string, layers: readonly Layer[]): void {
  for (const name of IMAGE_LAYERS) {
    const target = path.join(folder, name);
    mkdirSync(target, { recursive: true });
    const entries = layers.find((layer) => layer.name === name)?.entries ?? [];
    writeEntries(
      target,
      entries.filter(({ owner }) => owner === 0),
    );
  }
}

/** Writes entries below a folder that stands for the root. */
export function writeEntries(folder: string, entries: readonly ImageEntry[]): void {
  for (const entry of entries) place(folder, entry);
}

function place(folder: string, entry: ImageEntry): void {
  const target = path.join(folder, entry.path);
  mkdirSync(path.dirname(target), { recursive: true });
  const { content, mode } = entry;
  if (content.kind === 'link') {
    symlinkSync(content.target, target);
    return;
  }
  if (content.kind === 'folder') mkdirSync(target, { recursive: true });
  else if (content.kind === 'file') copyFileSync(content.file, target);
  else writeFileSync(target, readEntry(entry));
  chmodSync(target, mode);
}
