import path from 'node:path';
import ts from 'typescript';

import { BUNDLED_PROGRAMS, CHUNKS_FOLDER } from './bundled-programs.js';
import { moduleReferences } from './module-imports.js';
import { readPackageManifest } from './package-manifest.js';
import { listFiles, readSource } from './source-files.js';

/**
 * The modules and declarations below dist/ that a user's import, a type of one, a program or a thread can reach, as
 * sorted paths; needs a build. The compiler writes every other module of the command line, too, though its program
 * holds them.
 */
export function publishedModules(root: string): string[] {
  const entries = Object.values(readPackageManifest(root).exports).filter((target) => typeof target !== 'string');
  const { commandLine, threads } = BUNDLED_PROGRAMS;
  const found = new Set(
    [...entries.flatMap((entry) => [entry.types, entry.default]), commandLine, ...threads].map((file) =>
      path.posix.normalize(file),
    ),
  );
  // A set that grows while it is walked.
  for (const file of found) {
    const source = ts.createSourceFile(file, readSource(root, file), ts.ScriptTarget.ES2023, true);
    // There an address stands for where a module lay before it was put together with others, and loads nothing.
    const bundled = file === commandLine || file.startsWith(`${CHUNKS_FOLDER}/`);
    for (const { specifier, kind } of moduleReferences(source)) {
      if (specifier?.startsWith('.') !== true || !specifier.endsWith('.js') || (bundled && kind === 'url')) continue;
      const target = path.posix.join(path.posix.dirname(file), specifier);
      found.add(file.endsWith('.d.ts') ? target.replace(/\.js$/, '.d.ts') : target);
    }
  }
  return [...found].sort();
}

/** The text of dist/.npmignore: everything there that is not published. */
export function unpublishedList(root: string): string {
  const published = new Set(publishedModules(root));
  const rest = listFiles(root, 'dist', ['.js', '.d.ts']).filter((file) => !published.has(file));
  return ['/.tsbuildinfo', '/.built', ...rest.map((file) => file.replace(/^dist/, ''))].join('\n').concat('\n');
}
