import { describe, expect, it } from 'vitest';

import { checkHygiene } from '../../scripts/check-hygiene.js';
import { asLines, temporaryTree } from './temporary-tree.js';

describe('checkHygiene', () => {
  it('accepts clean code, fixtures of any kind, and documents that talk about what is banned', () => {
    const root = temporaryTree({
      'src/a.ts': `// reads ~/.cache/isovec\nexport const only = list.skip(1);\nexport const route = 'a/home/x';\n`,
      'test/fixtures/hostile/case.json': '{ "path": "/home/someone/x" }',
      'REVIEW.md': 'No `eslint-disable`, no TODO.',
      'package-lock.json': '{ "packages": { "a": { "version": "1.0.0" } } }',
    });
    expect(checkHygiene(root).findings).toEqual([]);
  });

  it.each([
    ['src/a.ts', '// TODO later', 'a note to do it later'],
    ['scripts/a.ts', '// FIXME', 'a note to do it later'],
    ['test/a.ts', '// eslint-disable-next-line', 'the linter is silenced'],
    ['src/a.ts', '// @ts-expect-error', 'the compiler is silenced'],
    ['src/a.ts', '// @ts-ignore', 'the compiler is silenced'],
    ['test/a.test.ts', `it.only('x', () => {});`, 'a test that hides all others'],
    ['test/a.test.ts', `describe.skip('x', () => {});`, 'a skipped test'],
    ['test/a.test.ts', `it.concurrent.skip('x', () => {});`, 'a skipped test'],
    ['docs/a.md', 'see /home/someone/notes', "an absolute path of somebody's machine"],
    ['src/a.ts', `const x = '/Users/someone/x';`, "an absolute path of somebody's machine"],
  ])('finds in %s: %s', (file, text, rule) => {
    const root = temporaryTree({ [file]: `\n${text}\n` });
    expect(asLines(checkHygiene(root).findings)).toEqual([`${file}:2 ${rule}`]);
  });

  it('finds a registry address in the lock file', () => {
    const root = temporaryTree({ 'package-lock.json': '{\n  "resolved": "https://host.invalid/a.tgz"\n}\n' });
    expect(asLines(checkHygiene(root).findings)).toEqual(['package-lock.json:2 the lock names a registry host']);
  });
});
