import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { copyFile, mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

import type { PreparationName } from './contestant.js';
import { pythonOf, run } from './install.js';

const SCRIPTS = fileURLToPath(new URL('preparations/', import.meta.url));
const COMMAND_LINE = fileURLToPath(new URL('../../dist/cli/main.js', import.meta.url));

/** What model files are made from, and with. */
export interface Workshop {
  /** Folder that holds the prepared models. */
  readonly root: string;
  readonly model: string;
  readonly checkpoint: string;
  /** Virtual environment with everything that the scripts of preparations/ import. */
  readonly python: string;
  readonly calibrationTexts: readonly string[];
}

/** The folder of a prepared model. Quantised files lie beside those they are made from, as their users expect. */
export function preparedFolder(root: string, name: PreparationName): string {
  return path.join(root, name.replace('-int8', ''));
}

/**
 * Makes a model's files in the form that some contestants need: once, and again when a script of preparations/ or the
 * checkpoint is another. Throws with the reason where that fails.
 */
export async function prepare(shop: Workshop, name: PreparationName, log: (line: string) => void): Promise<void> {
  const done = path.join(shop.root, `${name}.complete`);
  const made = await madeFrom(shop);
  if (existsSync(done) && (await readFile(done, 'utf8')) === made) return;
  const folder = preparedFolder(shop.root, name);
  log(`making ${name} files of ${shop.model}`);
  await mkdir(shop.root, { recursive: true });
  await MAKERS[name](shop, folder);
  await writeFile(done, made);
}

/** Tells files apart that older scripts, another checkpoint or other texts made. */
async function madeFrom({ checkpoint, calibrationTexts }: Workshop): Promise<string> {
  const hash = createHash('sha256').update(JSON.stringify([checkpoint, calibrationTexts]));
  for (const name of (await readdir(SCRIPTS)).sort()) {
    if (name.endsWith('.py')) hash.update(name).update(await readFile(path.join(SCRIPTS, name)));
  }
  return hash.digest('hex');
}

const MAKERS: Readonly<Record<PreparationName, (shop: Workshop, folder: string) => Promise<void>>> = {
  // The plain graph, with the configuration as it was published: what a user of these libraries has from the hub.
  async onnx({ model, checkpoint, root }, folder) {
    await run(process.execPath, [COMMAND_LINE, 'convert', model, '--out', folder, '--force'], root);
    for (const file of await readdir(checkpoint)) {
      if (/\.(json|txt)$/.test(file)) await copyFile(path.join(checkpoint, file), path.join(folder, file));
    }
  },
  async 'onnx-int8'({ root, python }, folder) {
    await script(python, root, 'make_int8_onnx.py', folder);
  },
  async openvino({ root, python, checkpoint }, folder) {
    await rm(folder, { recursive: true, force: true });
    await script(python, root, 'make_openvino.py', checkpoint, folder);
  },
  async 'openvino-int8'({ root, python, checkpoint, calibrationTexts }, folder) {
    const texts = path.join(root, 'calibration-texts.json');
    await writeFile(texts, JSON.stringify(calibrationTexts));
    await script(python, root, 'make_openvino.py', checkpoint, folder, texts);
  },
  async gguf({ root, python, checkpoint }, folder) {
    await script(python, root, 'make_gguf.py', checkpoint, folder);
  },
};

async function script(python: string, cwd: string, name: string, ...args: readonly string[]): Promise<void> {
  await run(pythonOf(python), [path.join(SCRIPTS, name), ...args], cwd);
}
