import { describe, expect, it } from 'vitest';

import { checkSize } from '../../scripts/check-size.js';
import { asLines, temporaryTree } from './temporary-tree.js';

const lines = (count: number): string => 'x;\n'.repeat(count);

describe('checkSize', () => {
  it('accepts 400 lines and names in kebab-case, and reports the spread', () => {
    const root = temporaryTree({
      'src/index.ts': lines(400),
      'src/vector/top-k.ts': lines(10),
      'src/vector/data-types.ts': lines(20),
      'src/formats/onnx/generated/onnx_pb.ts': lines(900),
      'python/isovec_bridge/__init__.py': lines(3),
      'test/vector/top-k.test.ts': lines(500),
    });
    expect(checkSize(root)).toEqual({
      findings: [],
      notes: ['3 source files: median 20 lines, 90th percentile 20'],
    });
  });

  it('finds files over the cap', () => {
    const root = temporaryTree({ 'src/long.ts': lines(401), 'python/bridge/long.py': lines(401) });
    expect(asLines(checkSize(root).findings)).toEqual([
      'src/long.ts 401 lines, the cap is 400',
      'python/bridge/long.py 401 lines, the cap is 400',
    ]);
  });

  it.each([
    ['src/vector/topK.ts', `'topK' is not kebab-case`],
    ['src/Vector/a.ts', `'Vector' is not kebab-case`],
    ['test/a_b.test.ts', `'a_b.test' is not kebab-case`],
    ['src/vector/utils.ts', `'utils' says nothing about the content`],
    ['src/vector/types.ts', `'types' says nothing about the content`],
    ['src/common/a.ts', `'common' says nothing about the content`],
    ['src/cache-manager.ts', `'cache-manager' says nothing about the content`],
    ['test/helpers/a.ts', `'helpers' says nothing about the content`],
    ['python/bridge/my_utils.py', `'my-utils' says nothing about the content`],
  ])('finds the name of %s', (file, rule) => {
    expect(asLines(checkSize(temporaryTree({ [file]: '' })).findings)).toEqual([`${file} ${rule}`]);
  });
});
