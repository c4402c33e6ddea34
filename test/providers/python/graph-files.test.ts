import { readFileSync } from 'node:fs';
import { GRAPH_FILES } from '#src/engine/onnx-folder.js';
import { expect, it } from 'vitest';

const CHOOSE = new URL('../../../python/isovec_bridge/backends/choose.py', import.meta.url);

it('Python and this process look for an ONNX file at the same places, in the same order', () => {
  const [, tuple = ''] = /^GRAPH_FILES = \((.*)\)$/m.exec(readFileSync(CHOOSE, 'utf8')) ?? [];
  expect(Array.from(tuple.matchAll(/"([^"]+)"/g), ([, file]) => file)).toEqual(GRAPH_FILES);
});
