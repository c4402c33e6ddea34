import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import ts from 'typescript';

/** What the compiler itself is told in `tsconfig.json`, as far as it decides the form of a module. */
const FORM: ts.CompilerOptions = {
  removeComments: true,
  target: ts.ScriptTarget.ES2023,
  module: ts.ModuleKind.ESNext,
};

/**
 * Removes the comments from the modules in a folder: they are in the declarations, where editors look for them, and in
 * the sources. The compiler's own option would take them from the declarations, too.
 */
export function removeComments(folder: string): void {
  for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile() || !entry.name.endsWith('.js')) continue;
    const file = path.join(entry.parentPath, entry.name);
    const code = readFileSync(file, 'utf8');
    // Most modules have none left from an earlier build.
    if (!/\/[/*]/.test(code)) continue;
    const bare = ts.transpileModule(code, { compilerOptions: FORM, fileName: file }).outputText;
    if (bare !== code) writeFileSync(file, bare);
  }
}
