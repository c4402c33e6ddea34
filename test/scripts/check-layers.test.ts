import { describe, expect, it } from 'vitest';

import { checkLayers, type LayerTable } from '../../scripts/check-layers.js';
import { asLines, manifest, temporaryTree } from './temporary-tree.js';

const TABLE: LayerTable = {
  layers: [
    { folder: 'shared', rank: 0, node: false, purpose: '' },
    { folder: 'models', rank: 1, node: true, purpose: '' },
    { folder: 'convert', rank: 2, node: true, purpose: '' },
    { folder: 'runtime', rank: 2, node: true, purpose: '' },
    { folder: 'cli', rank: 3, node: true, purpose: '' },
  ],
  packages: [{ name: '@scope/tool', files: ['src/cli/**'] }],
  separations: [{ files: 'src/runtime/pure/**', never: ['src/models/**'], reason: 'it judges them' }],
};

const CLEAN = {
  'package.json': manifest({ dependencies: { '@scope/tool': '1.0.0' } }),
  'src/index.ts': `export { a } from './cli/main.js';\n`,
  'src/shared/a.ts': `export const a = 1;\n`,
  'src/models/b.ts': `import { join } from 'node:path';\nimport { a } from '../shared/a.js';\nexport const b = join('x', String(a));\n`,
  'src/runtime/c.ts': `import type { b } from '../models/b.js';\nexport const worker = new URL('./worker.js', import.meta.url);\nexport type C = typeof b;\n`,
  'src/runtime/worker.ts': `export {};\n`,
  'src/cli/main.ts': `export { a } from '../shared/a.js';\nawait import('@scope/tool/part');\nprocess.env['X'];\n`,
  'test/a.test.ts': `import { a } from '#src/shared/a.js';\na;\n`,
};

function findingsWith(files: Readonly<Record<string, string>>): string[] {
  return asLines(checkLayers(temporaryTree({ ...CLEAN, ...files }), TABLE).findings);
}

describe('checkLayers', () => {
  it('accepts imports downwards, inside a folder, and of packages where they belong', () => {
    expect(findingsWith({})).toEqual([]);
  });

  it.each([
    ['a static import', `\nimport { b } from '../models/b.js';\nb;\n`],
    ['a type import', `\nimport type { b } from '../models/b.js';\nexport type B = typeof b;\n`],
    ['an import type', `\nexport type B = import('../models/b.js').B;\n`],
    ['a dynamic import', `\nawait import('../models/b.js');\n`],
    ['a re-export', `\nexport * from '../models/b.js';\n`],
    ['a worker address', `\nnew Worker(new URL('../models/b.js', import.meta.url));\n`],
  ])('finds %s upwards', (_, text) => {
    expect(findingsWith({ 'src/shared/up.ts': text })).toEqual([
      'src/shared/up.ts:2 shared/ (rank 0) imports src/models/b.ts (rank 1), which is of a higher rank',
    ]);
  });

  it('finds an import between folders of one rank', () => {
    const found = findingsWith({ 'src/convert/d.ts': `import '../runtime/c.js';\n` });
    expect(found).toEqual([
      'src/convert/d.ts:1 convert/ (rank 2) imports src/runtime/c.ts (rank 2), which is of its own rank',
    ]);
  });

  it('finds an import that a separation forbids although ranks allow it', () => {
    const found = findingsWith({ 'src/runtime/pure/d.ts': `import '../../models/b.js';\n` });
    expect(found).toEqual([
      'src/runtime/pure/d.ts:1 src/runtime/pure/** never imports src/models/b.ts: it judges them',
    ]);
  });

  it('finds a package outside its files, an unknown one, and a computed name', () => {
    const found = findingsWith({
      'src/models/d.ts': `import '@scope/tool';\nimport 'other/deep';\nawait import(name);\nrequire('third');\n`,
    });
    expect(found).toEqual([
      `src/models/d.ts:1 package '@scope/tool' belongs to src/cli/**`,
      `src/models/d.ts:2 package 'other' is not in the table`,
      'src/models/d.ts:3 a computed module name hides an import from this check',
      `src/models/d.ts:4 package 'third' is not in the table`,
    ]);
  });

  it('finds Node modules and globals where there is no Node, and a missing prefix elsewhere', () => {
    const found = findingsWith({
      'src/shared/d.ts': `import 'node:fs';\nimport 'fs';\nBuffer.from('x');\nglobalThis.process;\nconst x = { process: 1 };\nx.process;\n`,
      'src/models/d.ts': `import 'fs';\n`,
    });
    expect(found).toEqual([
      `src/models/d.ts:1 'fs' is a Node module without its prefix`,
      `src/shared/d.ts:1 shared/ uses no Node module, but imports 'node:fs'`,
      `src/shared/d.ts:2 shared/ uses no Node module, but imports 'fs'`,
      `src/shared/d.ts:3 shared/ runs without Node, but uses the global 'Buffer'`,
      `src/shared/d.ts:4 shared/ runs without Node, but uses the global 'process'`,
    ]);
  });

  it.each([
    `process.env['HOME'];`,
    `const { env } = process;`,
    `import { env } from 'node:process';`,
    `process['env'];`,
  ])('finds a read of environment variables by %s', (text) => {
    const rule = 'reads environment variables, which only the CLI and the engine settings do';
    expect(findingsWith({ 'src/models/d.ts': text })).toEqual([`src/models/d.ts:1 ${rule}`]);
  });

  it('finds a cycle once, by its shortest way', () => {
    const found = findingsWith({
      'src/shared/x.ts': `import './y.js';\n`,
      'src/shared/y.ts': `import './z.js';\nimport './x.js';\n`,
      'src/shared/z.ts': `import './x.js';\n`,
    });
    expect(found).toEqual(['src/shared/x.ts import cycle: src/shared/x.ts -> src/shared/y.ts -> src/shared/x.ts']);
  });

  it('finds imports of files that do not exist, of the built package, and files without a layer', () => {
    const found = findingsWith({
      'src/models/d.ts': `import './gone.js';\nimport 'isovec/vector';\nnew URL('../../data/gone.json', import.meta.url);\n`,
      'src/loose.ts': '',
    });
    expect(found).toEqual([
      'src/loose.ts no layer holds this file',
      `src/models/d.ts:1 './gone.js' does not exist`,
      `src/models/d.ts:2 'isovec/vector' goes through the built package`,
      `src/models/d.ts:3 '../../data/gone.json' does not exist`,
    ]);
  });

  it('finds tests that import sources by path', () => {
    const found = findingsWith({ 'test/vector/b.test.ts': `import '../../src/shared/a.js';\n` });
    expect(found).toEqual(['test/vector/b.test.ts:1 a test imports src/shared/a.js by path']);
  });

  it('finds dependencies without a row and rows without an import', () => {
    const found = findingsWith({
      'package.json': manifest({ dependencies: { '@scope/tool': '1.0.0' }, optionalDependencies: { extra: '1.0.0' } }),
      'src/cli/main.ts': '',
    });
    expect(found).toEqual([
      `package.json dependency 'extra' is not in the table`,
      `scripts/layers.ts nothing imports '@scope/tool'`,
    ]);
  });
});
