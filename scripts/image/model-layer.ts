import path from 'node:path';

import { obtainFiles } from '#src/engine/load-model.js';
import { readSettings } from '#src/engine/settings.js';
import { readManifest } from '#src/models/cache/snapshot-manifest.js';
import { findCatalogueEntry } from '#src/models/catalogue.js';

import { carriedSnapshot } from './carried-snapshot.js';
import { BAKED_MODEL, IMAGE_PATHS, type ImageVariant } from './image-contents.js';
import { fileEntry, textEntry } from './image-entry.js';
import type { LayerContent } from './runtime-layer.js';
import { type Component, softwareBill } from './software-bill.js';

/**
 * The default model, ready to run in the cache of the image, with its licence and a bill of materials of its own. It is fetched, and made int8, in
 * this machine's own cache. Throws as `loadModel`.
 */
export async function modelLayer(root: string, dtype: Exclude<ImageVariant, 'none'>): Promise<LayerContent> {
  const settings = readSettings();
  const files = await obtainFiles(BAKED_MODEL, {}, settings);
  const source = await readManifest(files.root);
  const entry = await findCatalogueEntry(BAKED_MODEL);
  if (source === undefined || entry === undefined) throw new Error(`${BAKED_MODEL} did not come into the cache.`);
  const { cacheRoot } = settings;
  const entries = await carriedSnapshot({ files, source, dtype, cacheRoot, place: IMAGE_PATHS.models });
  const statement = `${IMAGE_PATHS.documents}/all-MiniLM-L6-v2/LICENSE`;
  const component: Component = {
    type: 'machine-learning-model',
    name: source.id,
    version: source.revision,
    licence: entry.license,
    statement,
    purl: `pkg:huggingface/${source.id}@${source.revision}`,
  };
  return {
    entries: [
      ...entries,
      // Of the model's licence, which is that of this repository.
      fileEntry(statement, path.join(root, 'LICENSE')),
      textEntry(`${IMAGE_PATHS.documents}/all-MiniLM-L6-v2/sbom.cdx.json`, softwareBill(component, [])),
    ],
    components: [component],
  };
}
