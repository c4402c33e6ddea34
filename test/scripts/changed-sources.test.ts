import { rmSync, utimesSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { expect, it } from 'vitest';

import { runNode } from '../../scripts/run-child.js';
import { changedSources } from '../support/changed-sources.js';
import { temporaryTree } from './temporary-tree.js';

const TSC = path.resolve(import.meta.dirname, '../../node_modules/typescript/bin/tsc');

it('names the sources that changed or went since the build, and not those that were only touched', async () => {
  const compilerOptions = {
    rootDir: 'src',
    outDir: 'dist',
    incremental: true,
    tsBuildInfoFile: 'dist/.tsbuildinfo',
    types: [],
  };
  const root = temporaryTree({
    'tsconfig.json': JSON.stringify({ compilerOptions, include: ['src'] }),
    'src/edited.ts': 'export const a = 1;\n',
    'src/removed.ts': 'export const b = 1;\n',
    'src/touched.ts': 'export const c = 1;\n',
  });
  expect(await runNode(root, [TSC, '-p', '.'])).toEqual({ status: 0, output: '' });
  const record = path.join(root, 'dist/.tsbuildinfo');
  expect(changedSources(root, record)).toEqual([]);

  writeFileSync(path.join(root, 'src/edited.ts'), 'export const a = 2;\n');
  rmSync(path.join(root, 'src/removed.ts'));
  const later = new Date(Date.now() + 60_000);
  utimesSync(path.join(root, 'src/touched.ts'), later, later);
  expect(changedSources(root, record)).toEqual(['src/edited.ts', 'src/removed.ts']);
});
