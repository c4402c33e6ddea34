import { describe, expect, it } from 'vitest';

import { checkExports } from '../../scripts/check-exports.js';
import { asLines, manifest, temporaryTree } from './temporary-tree.js';

const entry = (name: string): { types: string; default: string } => ({
  types: `./dist/${name}.d.ts`,
  default: `./dist/${name}.js`,
});

const CLEAN = {
  'package.json': manifest({
    engines: { node: '>=20' },
    files: ['dist'],
    exports: { '.': entry('index'), './vector': entry('vector/index'), './package.json': './package.json' },
  }),
  'src/index.ts': '',
  'src/vector/index.ts': '',
  'src/vector/a.ts': '',
  'dist/index.js': `import 'node:fs';\nexport const a = 1;\n`,
  'dist/index.d.ts': 'export declare const a: number;\n',
  'dist/vector/index.js': `export { b } from './a.js';\n`,
  'dist/vector/index.d.ts': `export { b } from './a.js';\n`,
  'dist/vector/a.js': 'export const b = 1;\n',
  'dist/vector/a.d.ts': 'export declare const b: number;\n',
};

async function findingsWith(files: Readonly<Record<string, string>>): Promise<string[]> {
  return asLines((await checkExports(temporaryTree({ ...CLEAN, ...files }))).findings);
}

describe('checkExports', () => {
  it('accepts entry points that are built, typed, listed and loadable', async () => {
    expect(await findingsWith({})).toEqual([]);
  });

  it('finds an entry point that is not built', async () => {
    const exports = { '.': entry('index'), './vector': entry('vector/index'), './gone': entry('gone') };
    const found = await findingsWith({ 'package.json': manifest({ files: ['dist'], exports }) });
    expect(found).toContain(`package.json exports['./gone'] names ./dist/gone.d.ts, not built`);
    expect(found).toContain(`package.json exports['./gone'] names ./dist/gone.js, not built`);
    expect(found.filter((line) => line.startsWith('package.json publint: ')).length).toBeGreaterThan(0);
  });

  it('finds an index file that is no entry point', async () => {
    const found = await findingsWith({ 'src/models/index.ts': '' });
    expect(found).toEqual(['src/models/index.ts an index file that is no entry point']);
  });

  it('finds output whose source is gone', async () => {
    expect(await findingsWith({ 'dist/old.js': '' })).toEqual(['dist/old.js built from a source that is gone']);
  });

  it('finds a Node module or a package that ./vector reaches, with the way there', async () => {
    const found = await findingsWith({
      'dist/vector/a.js': `import { readFileSync } from 'fs';\nimport 'zod';\nexport const b = readFileSync;\n`,
    });
    const way = 'dist/vector/index.js -> dist/vector/a.js';
    expect(found.slice(0, 2)).toEqual([
      `dist/vector/a.js:1 ./vector must load in a browser, but reaches the Node module 'fs' by ${way}`,
      `dist/vector/a.js:2 ./vector must load in a browser, but reaches the package 'zod' by ${way}`,
    ]);
  });

  it.each([
    ['throws', `throw new Error('broken at load');\n`, 'broken at load'],
    ['prints', `console.log('chatter');\n`, 'ends with 0 and prints: chatter'],
  ])('finds an entry point that %s when it is loaded', async (_, text, message) => {
    const found = await findingsWith({ 'dist/index.js': text });
    expect(found).toHaveLength(1);
    expect(found[0]).toContain(`package.json importing 'isovec' ends with`);
    expect(found[0]).toContain(message);
  });
});
