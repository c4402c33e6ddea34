import { readFileSync } from 'node:fs';
import path from 'node:path';

import { listFiles } from '../source-files.js';
import type { BundledPackage } from './bundled-packages.js';
import { isLicence } from './kept-files.js';

/**
 * The notices of the packages that the published isovec holds, from their staged folders: name, version, licence, and the text
 * of each licence file once, with all packages that have it.
 */
export function thirdPartyNotices(folder: string, bundled: readonly BundledPackage[]): string {
  const byText = new Map<string, string[]>();
  for (const one of bundled) {
    const place = path.join(folder, one.place);
    const files = listFiles(place, '', ['']).filter((file) => isLicence(file));
    const texts = files.map((file) => readFileSync(path.join(place, file), 'utf8').trim());
    const text = texts.length > 0 ? texts.join('\n\n') : 'The package has no licence file; its README.md is kept.';
    const title = `${one.name} ${one.version} (${one.license})`;
    const titles = byText.get(text) ?? [];
    if (!titles.includes(title)) byText.set(text, [...titles, title]);
  }
  const rule = '-'.repeat(80);
  return [
    'Third-party notices of isovec',
    '',
    'The package isovec holds the packages below, without what no run needs: maps, sources, declarations that none of isovec',
    'names, tests. Of protobufjs, package.json is without its install script and one dependency. ONNX Runtime and tokenizers are',
    'in the packages @isovec/engine-*, with their licences.',
    ...[...byText].map(([text, titles]) => `\n${rule}\n${titles.join('\n')}\n\n${text}`),
    '',
  ].join('\n');
}
