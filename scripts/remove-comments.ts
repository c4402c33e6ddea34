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
 * Removes the comments from the modules in a folder, and most of their indentation: comments are in the declarations, where
 * editors look for them, and in the sources. The compiler's own option would take them from the declarations, too.
 */
export function removeComments(folder: string): void {
  for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile() || !entry.name.endsWith('.js')) continue;
    const file = path.join(entry.parentPath, entry.name);
    const code = readFileSync(file, 'utf8');
    // Most modules have none left from an earlier build.
    if (!/\/[/*]|^ {4}/m.test(code)) continue;
    const bare = indentWithTabs(ts.transpileModule(code, { compilerOptions: FORM, fileName: file }).outputText);
    if (bare !== code) writeFileSync(file, bare);
  }
}

/** A tab in place of the compiler's four spaces: a tenth of what is published would be spaces. Texts in templates stay as they are. */
export function indentWithTabs(code: string): string {
  const source = ts.createSourceFile('module.js', code, ts.ScriptTarget.ES2023, false, ts.ScriptKind.JS);
  const lineOf = (position: number): number => source.getLineAndCharacterOfPosition(position).line;
  const kept = new Set<number>();
  const visit = (node: ts.Node): void => {
    if (ts.isTemplateLiteralToken(node)) {
      for (let line = lineOf(node.getStart(source)) + 1; line <= lineOf(node.end); line++) kept.add(line);
    }
    ts.forEachChild(node, visit);
  };
  visit(source);
  const lines = code.split('\n');
  return lines
    .map((line, at) => (kept.has(at) ? line : line.replace(/^(?: {4})+/, (spaces) => '\t'.repeat(spaces.length / 4))))
    .join('\n');
}
