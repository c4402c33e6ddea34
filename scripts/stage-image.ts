import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';

import { isImageVariant, IMAGE_VARIANTS } from './image/image-contents.js';
import { imageLayers } from './image/image-layers.js';
import { writeStage } from './image/write-stage.js';

// What deploy/Containerfile runs in its first stage: the layers of one variant as folders, for the last stage to copy.

const { values } = parseArgs({ options: { variant: { type: 'string', default: 'none' }, out: { type: 'string' } } });
const { variant, out } = values;
if (!isImageVariant(variant) || out === undefined) {
  throw new Error(`--out FOLDER and --variant ${IMAGE_VARIANTS.join(' | ')} are needed.`);
}
const root = path.resolve(import.meta.dirname, '..');
const work = mkdtempSync(path.join(tmpdir(), 'isovec-stage-'));
try {
  writeStage(out, (await imageLayers(root, [variant], work)).get(variant) ?? []);
} finally {
  rmSync(work, { recursive: true, force: true });
}
