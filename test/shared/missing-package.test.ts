import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';

import { missingPackage } from '#src/shared/missing-package.js';
import { expect, it } from 'vitest';

const ROOT = path.join(import.meta.dirname, '../..');

it('names the packages, the reason and the command', () => {
  const error = missingPackage('A plot', ['vega@6.4.0', '@x/lite@1.2.3'], new Error('gone\nfor good'));
  expect(error.toJSON()).toMatchObject({
    code: 'PACKAGE_MISSING',
    message:
      'A plot needs the packages vega and @x/lite, which cannot be loaded (gone). Install it with: npm install vega@6.4.0 @x/lite@1.2.3',
    data: { package: 'vega' },
  });
});

it('names the versions that are tested, wherever it is used', () => {
  const { devDependencies, peerDependencies } = JSON.parse(
    readFileSync(path.join(ROOT, 'package.json'), 'utf8'),
  ) as Record<'devDependencies' | 'peerDependencies', Record<string, string>>;
  const named = readdirSync(path.join(ROOT, 'src'), { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.ts'))
    .flatMap((file) => [
      ...readFileSync(path.join(ROOT, 'src', file), 'utf8').matchAll(/missingPackage\('[^']*', \[(.*?)\]/g),
    ])
    .flatMap(([, list = '']) => [...list.matchAll(/'([^']*)'/g)].map(([, one]) => one));
  const tested = Object.keys(peerDependencies).map((name) => `${name}@${devDependencies[name] ?? ''}`);
  expect(named.sort()).toEqual(tested.sort());
});
