import { readFileSync } from 'node:fs';
import path from 'node:path';
import ts from 'typescript';

import { moduleReferences } from '../module-imports.js';
import { publishedModules } from '../published-modules.js';
import { listFiles } from '../source-files.js';
import type { BundledPackage } from './bundled-packages.js';

/**
 * The places of the bundled packages whose types a user's compiler can reach from the declarations of isovec, through those
 * of other packages too. A package that exists twice counts twice.
 */
export function declaredPackages(root: string, packages: readonly BundledPackage[]): ReadonlySet<string> {
  const named = new Set(
    publishedModules(root)
      .filter((file) => file.endsWith('.d.ts'))
      .flatMap((file) => packagesIn(path.join(root, file))),
  );
  const declared = new Set<string>();
  // A set that grows while it is walked.
  for (const name of named) {
    for (const { place } of packages.filter((one) => one.name === name)) {
      declared.add(place);
      const folder = path.join(root, place);
      for (const file of listFiles(folder, '', ['.d.ts', '.d.mts', '.d.cts'])) {
        for (const next of packagesIn(path.join(folder, file))) named.add(next);
      }
    }
  }
  return declared;
}

/** The packages that a declaration imports. */
function packagesIn(file: string): string[] {
  const source = ts.createSourceFile(file, readFileSync(file, 'utf8'), ts.ScriptTarget.ES2023, true);
  const imported = moduleReferences(source).map(({ specifier }) => specifier);
  return [...imported, ...source.typeReferenceDirectives.map(({ fileName }) => fileName)].flatMap((specifier) => {
    if (specifier === undefined || /^(\.|node:|#|\/)/.test(specifier)) return [];
    return [specifier.split('/', specifier.startsWith('@') ? 2 : 1).join('/')];
  });
}
