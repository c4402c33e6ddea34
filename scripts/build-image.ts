import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { parseArgs } from 'node:util';

import { buildImages } from './image/build-image.js';
import { IMAGE_VARIANTS, isImageVariant } from './image/image-contents.js';
import { sizeTable } from './image/size-table.js';

// `npm run image:build`: writes images as OCI layouts, without a container engine, and prints their sizes by layer.
// -- --variant int8 builds one of them, --out FOLDER says where, --report FILE writes what was built as JSON; docs/guides/image.md
// says how to load them.

const { values } = parseArgs({
  options: {
    variant: { type: 'string', multiple: true },
    out: { type: 'string', default: '.cache/image' },
    report: { type: 'string' },
  },
});

const asked = values.variant ?? IMAGE_VARIANTS;
const variants = asked.filter(isImageVariant);
if (variants.length < asked.length) throw new Error(`--variant is one of ${IMAGE_VARIANTS.join(', ')}.`);
const root = path.resolve(import.meta.dirname, '..');
const images = await buildImages(root, path.resolve(values.out), variants);
console.log(sizeTable(new Map([...images].map(([variant, { layers }]) => [variant, layers]))));
for (const { reference, folder, digest } of images.values())
  console.log(`\n${reference}\n  oci:${folder}\n  ${digest}`);
if (values.report !== undefined) {
  const report = [...images].map(([variant, { folder, digest, layers }]) => {
    return { variant, folder, digest, bytes: layers.reduce((sum, { bytes }) => sum + bytes, 0) };
  });
  writeFileSync(values.report, JSON.stringify(report));
}
