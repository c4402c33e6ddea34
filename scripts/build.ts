import { createHash } from 'node:crypto';
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';

import { listFiles } from './source-files.js';
import { runNode } from './run-child.js';

// `npm run build`: compiles src/, bundles the programs, builds the page. Every command that needs a build begins with it, so it does
// nothing where nothing that goes into one has changed since the last.

const root = path.resolve(import.meta.dirname, '..');
/** In the build, so that whoever removes the build builds again. */
const STAMP = path.join(root, 'dist/.built');
const PAGE = path.join(root, 'page/dist/index.html');
const INPUTS = ['src', 'page/src', 'scripts'];
const INPUT_FILES = [
  'package.json',
  'package-lock.json',
  'tsconfig.json',
  'tsconfig.build.json',
  'page/tsconfig.json',
  'page/vite.config.ts',
  'page/index.html',
  'page/docs.html',
  'page/icon.svg',
];

function digest(): string {
  const hash = createHash('sha256');
  for (const file of [...INPUTS.flatMap((folder) => listFiles(root, folder, [''])), ...INPUT_FILES]) {
    const content = readFileSync(path.join(root, file));
    hash.update(`${file}\0${content.byteLength}\0`).update(content);
  }
  return hash.digest('hex');
}

/** Runs a program of the development tools, or a script; its failure is that of the build. */
async function step(args: readonly string[]): Promise<void> {
  const { status, output } = await runNode(root, args);
  if (status === 0) return;
  process.stderr.write(output);
  process.exit(1);
}

const inputs = digest();
const built = existsSync(STAMP) && existsSync(PAGE) ? readFileSync(STAMP, 'utf8') : '';
if (inputs !== built) {
  rmSync(STAMP, { force: true });
  await step(['node_modules/typescript/bin/tsc', '-p', 'tsconfig.build.json']);
  await step(['--import', 'tsx', 'scripts/bundle-programs.ts']);
  await step(['node_modules/vite/bin/vite.js', 'build', 'page']);
  writeFileSync(STAMP, inputs);
}
