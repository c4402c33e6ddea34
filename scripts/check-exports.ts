import { existsSync } from 'node:fs';
import { builtinModules } from 'node:module';
import path from 'node:path';
import { publint } from 'publint';
import { formatMessage } from 'publint/utils';
import ts from 'typescript';

import { CHUNKS_FOLDER } from './bundled-programs.js';
import type { CheckResult, Finding } from './finding.js';
import { moduleReferences } from './module-imports.js';
import { type PackageManifest, readPackageManifest } from './package-manifest.js';
import { runNode } from './run-child.js';
import { listFiles, readSource } from './source-files.js';

/** The entry point that must load in a browser. */
const BROWSER_ENTRY = './vector';
const BUILTINS: ReadonlySet<string> = new Set(builtinModules);
const BUILD = 'run `npm run build`; if it stays, correct `exports` in package.json';

/** Holds the `exports` map, the public index files and the build output against each other; needs a fresh build. */
export async function checkExports(root: string): Promise<CheckResult> {
  const manifest = readPackageManifest(root);
  const entries = modulesOf(manifest);
  const findings = [
    ...checkTargets(root, entries),
    ...checkIndexFiles(root, entries),
    ...checkStrayOutput(root),
    ...checkBrowserEntry(root, entries),
    ...(await checkImports(root, manifest.name, entries)),
    ...(await checkPublint(root)),
  ];
  return { findings, notes: [`${entries.length} entry points`] };
}

interface Entry {
  /** Key of the map, such as './vector'. */
  readonly name: string;
  readonly types: string;
  readonly module: string;
}

/** The entries that are modules; './package.json' and the like are plain paths. */
function modulesOf(manifest: PackageManifest): Entry[] {
  return Object.entries(manifest.exports).flatMap(([name, target]) =>
    typeof target === 'string' ? [] : [{ name, types: target.types, module: target.default }],
  );
}

function checkTargets(root: string, entries: readonly Entry[]): Finding[] {
  return entries.flatMap(({ name, types, module }) =>
    [types, module]
      .filter((target) => !existsSync(path.join(root, target)))
      .map((target) => ({
        file: 'package.json',
        rule: `exports['${name}'] names ${target}, not built`,
        wayOut: BUILD,
      })),
  );
}

function checkIndexFiles(root: string, entries: readonly Entry[]): Finding[] {
  const built = new Set(entries.map(({ module }) => path.posix.normalize(module)));
  return listFiles(root, 'src', ['index.ts'])
    .filter((file) => path.posix.basename(file) === 'index.ts')
    .filter((file) => !built.has(file.replace(/^src/, 'dist').replace(/\.ts$/, '.js')))
    .map((file) => ({
      file,
      rule: 'an index file that is no entry point',
      wayOut: 'add it to `exports` in package.json, or import the files themselves: no internal barrels',
    }));
}

/**
 * Output of a source that was renamed or removed still imports well, and would be published. Files that hold several
 * modules are made anew by every build.
 */
function checkStrayOutput(root: string): Finding[] {
  return listFiles(root, 'dist', ['.js'])
    .filter((file) => !file.startsWith(`${CHUNKS_FOLDER}/`))
    .filter((file) => !existsSync(path.join(root, file.replace(/^dist/, 'src').replace(/\.js$/, '.ts'))))
    .map((file) => ({ file, rule: 'built from a source that is gone', wayOut: 'remove dist/ and build again' }));
}

function checkBrowserEntry(root: string, entries: readonly Entry[]): Finding[] {
  const entry = entries.find(({ name }) => name === BROWSER_ENTRY);
  if (entry === undefined) return [];
  const findings: Finding[] = [];
  const start = path.posix.normalize(entry.module);
  const importedBy = new Map<string, string | undefined>([[start, undefined]]);
  for (const file of importedBy.keys()) {
    if (!existsSync(path.join(root, file))) continue;
    const source = ts.createSourceFile(file, readSource(root, file), ts.ScriptTarget.ES2023, true);
    for (const { specifier, line } of moduleReferences(source)) {
      if (specifier?.startsWith('.') === true) {
        const target = path.posix.join(path.posix.dirname(file), specifier);
        if (!importedBy.has(target)) importedBy.set(target, file);
        continue;
      }
      const kind = specifier !== undefined && (specifier.startsWith('node:') || BUILTINS.has(specifier));
      findings.push({
        file,
        line,
        rule: `${BROWSER_ENTRY} must load in a browser, but reaches ${kind ? 'the Node module' : 'the package'} '${specifier ?? 'computed at run time'}' by ${chain(importedBy, file)}`,
        wayOut: 'move what needs it out of the reach of the entry point',
      });
    }
  }
  return findings;
}

function chain(importedBy: ReadonlyMap<string, string | undefined>, file: string): string {
  const files: string[] = [];
  for (let at: string | undefined = file; at !== undefined; at = importedBy.get(at)) files.unshift(at);
  return files.join(' -> ');
}

/** Every entry point is imported as users do it, by the package's own name, each in a process of its own. */
async function checkImports(root: string, name: string, entries: readonly Entry[]): Promise<Finding[]> {
  const findings: Finding[] = [];
  for (const entry of entries) {
    if (!existsSync(path.join(root, entry.module))) continue;
    const specifier = path.posix.join(name, entry.name);
    const program = `await import(${JSON.stringify(specifier)})`;
    const { status, output } = await runNode(root, ['--input-type=module', '--eval', program]);
    if (status !== 0 || output !== '') {
      findings.push({
        file: 'package.json',
        rule: `importing '${specifier}' ends with ${status} and prints: ${output.trim().slice(0, 2000)}`,
        wayOut: 'an entry point loads without error and without output',
      });
    }
  }
  return findings;
}

async function checkPublint(root: string): Promise<Finding[]> {
  const { messages, pkg } = await publint({ pkgDir: root, strict: true, level: 'warning', pack: false });
  return messages.map((message) => ({
    file: 'package.json',
    rule: `publint: ${formatMessage(message, pkg, { color: false }) ?? message.code}`,
    wayOut: `see publint's rule ${message.code}`,
  }));
}
