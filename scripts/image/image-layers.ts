import path from 'node:path';
import process from 'node:process';

import { ENGINE_PLATFORMS } from '../release/engine-platforms.js';
import { applicationEntries, engineBinaries, engineLayer, ownComponent, packagesLayer } from './application-layers.js';
import { IMAGE_PATHS, type ImageVariant, type LayerName } from './image-contents.js';
import { textEntry } from './image-entry.js';
import { modelLayer } from './model-layer.js';
import type { Layer } from './oci-layout.js';
import { runtimeLayer } from './runtime-layer.js';
import { softwareBill } from './software-bill.js';

/**
 * The layers of each variant for this machine's platform, from the repository at `root`, whose packages are installed and which is
 * built. Variants share all layers but that of the model. `work` is a folder for what is made on the way.
 */
export async function imageLayers(
  root: string,
  variants: readonly ImageVariant[],
  work: string,
): Promise<ReadonlyMap<ImageVariant, readonly Layer[]>> {
  const platform = ENGINE_PLATFORMS.find((name) => name === `${process.platform}-${process.arch}`);
  if (platform === undefined) throw new Error(`No image is made on ${process.platform}-${process.arch}.`);
  const packages = await packagesLayer(root);
  const engine = engineLayer(root, platform, work);
  const runtime = runtimeLayer([...engineBinaries(root, platform), ...packages.binaries], work);
  const components = [...runtime.components, ...engine.components, ...packages.components];
  const bill = softwareBill(ownComponent(root), components);
  const application = {
    entries: [
      ...applicationEntries(root),
      textEntry(path.posix.join(IMAGE_PATHS.documents, 'isovec/sbom.cdx.json'), bill),
    ],
  };
  const shared: readonly (readonly [LayerName, { readonly entries: Layer['entries'] }])[] = [
    ['runtime', runtime],
    ['engine', engine],
    ['packages', packages],
    ['application', application],
  ];
  const layers = shared.map(([name, { entries }]): Layer => ({ name, entries }));
  const images = new Map<ImageVariant, readonly Layer[]>();
  for (const variant of variants) {
    const own = variant === 'none' ? [] : [{ name: 'model', entries: (await modelLayer(root, variant)).entries }];
    images.set(variant, [...layers, ...own]);
  }
  return images;
}
