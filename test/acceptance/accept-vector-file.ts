import { execFile } from 'node:child_process';
import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';

import { loadModel } from '#src/index.js';

import { ACCEPTANCE_CACHE } from './python-environment.js';

const run = promisify(execFile);
const ROOT = path.resolve(import.meta.dirname, '../..');
const TEXTS = ['the river rose', 'bread is baked at dawn'];

/** Whether the program of the quick start for Python reads what `isovec embed` wrote, and gets the library's scores. */
export async function acceptVectorFile(python: string): Promise<void> {
  const folder = path.join(ROOT, 'test/fixtures/tiny/bert-mean');
  const file = path.join(ACCEPTANCE_CACHE, 'vectors.npy');
  await mkdir(ACCEPTANCE_CACHE, { recursive: true });
  const command = [path.join(ROOT, 'dist/cli/main.js'), 'embed', ...TEXTS, '--model', folder, '--out', file, '--force'];
  await run(process.execPath, command);
  const { stdout } = await run(python, [path.join(ROOT, 'examples/start/read_vectors.py'), file]);
  process.stdout.write(stdout);
  const model = await loadModel(folder);
  const batch = await model.encodeBatch(TEXTS);
  const expected = model.similarity(batch, batch).data[1] ?? Number.NaN;
  const [shape = '', row = ''] = stdout.split('\n');
  const shown = Number(/\[+\s*\S+\s+([^\s\]]+)/.exec(row)?.[1]);
  await model.close();
  if (shape !== `(${TEXTS.length}, ${batch.dimensions}) float32` || Math.abs(shown - expected) > 0.006) {
    throw new Error(`read_vectors.py printed\n${stdout}where the library has ${expected}`);
  }
}
