import { expect, it } from 'vitest';

import { indentWithTabs } from '../../scripts/remove-comments.js';

it('indents modules with tabs, and changes no text', () => {
  const code = [
    'function a() {',
    '    return `one',
    '    two ${',
    '    b} three',
    '        four`;',
    '}',
    'const c = "    " +',
    '      d;',
    '',
  ].join('\n');
  const expected = [
    'function a() {',
    '\treturn `one',
    '    two ${',
    '\tb} three',
    '        four`;',
    '}',
    'const c = "    " +',
    '\t  d;',
    '',
  ].join('\n');
  expect(indentWithTabs(code)).toBe(expected);
});
