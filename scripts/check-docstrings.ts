import { existsSync } from 'node:fs';
import path from 'node:path';
import ts from 'typescript';

import type { Finding } from './finding.js';
import { readPackageManifest } from './package-manifest.js';

/** Finds exports of the public entry points that say nothing about themselves. */
export function checkDocstrings(root: string): Finding[] {
  const entries = Object.values(readPackageManifest(root).exports)
    .flatMap((target) => (typeof target === 'string' ? [] : [target.default]))
    .map((target) => path.join(root, target.replace(/^\.\/dist\//, 'src/').replace(/\.js$/, '.ts')))
    .filter((file) => existsSync(file));
  const program = ts.createProgram(entries, {
    target: ts.ScriptTarget.ES2023,
    module: ts.ModuleKind.NodeNext,
    moduleResolution: ts.ModuleResolutionKind.NodeNext,
    noEmit: true,
    skipLibCheck: true,
  });
  const checker = program.getTypeChecker();
  const findings = new Map<string, Finding>();
  for (const entry of entries) {
    const source = program.getSourceFile(entry);
    const module = source === undefined ? undefined : checker.getSymbolAtLocation(source);
    if (module === undefined) continue;
    for (const exported of checker.getExportsOfModule(module)) {
      const symbol = exported.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(exported) : exported;
      const declaration = symbol.declarations?.[0];
      if (declaration === undefined || symbol.getDocumentationComment(checker).length > 0) continue;
      const declaredIn = declaration.getSourceFile();
      const file = path.relative(root, declaredIn.fileName).replaceAll(path.sep, '/');
      findings.set(`${file} ${symbol.name}`, {
        file,
        line: declaredIn.getLineAndCharacterOfPosition(declaration.getStart(declaredIn)).line + 1,
        rule: `public export '${exported.name}' has no docstring`,
        wayOut: 'say in one sentence what it is: shapes, units, error codes, source of a formula',
      });
    }
  }
  return [...findings.values()];
}
