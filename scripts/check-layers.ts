import { existsSync } from 'node:fs';
import { builtinModules } from 'node:module';
import path from 'node:path';
import ts from 'typescript';

import type { CheckResult, Finding } from './finding.js';
import { findImportCycles } from './import-cycles.js';
import {
  ENVIRONMENT_READERS,
  INDEX_RANK,
  type Layer,
  LAYERS,
  PACKAGE_RULES,
  type PackageRule,
  type Separation,
  SEPARATIONS,
} from './layers.js';
import { type ModuleReference, moduleReferences } from './module-imports.js';
import { findNodeGlobals, findEnvironmentReads } from './node-globals.js';
import { readPackageManifest, shippedPackages } from './package-manifest.js';
import { listFiles, matchesGlob, readSource } from './source-files.js';

/** What the check holds the sources against; a test passes its own. */
export interface LayerTable {
  readonly layers: readonly Layer[];
  readonly packages: readonly PackageRule[];
  readonly separations: readonly Separation[];
}

const HOUSE_TABLE: LayerTable = { layers: LAYERS, packages: PACKAGE_RULES, separations: SEPARATIONS };
const TABLE_FILE = 'scripts/layers.ts';
const BUILTINS: ReadonlySet<string> = new Set(builtinModules);

/** Holds every import under src/ and test/ against the table of ranks, packages and separations, and finds cycles. */
export function checkLayers(root: string, table: LayerTable = HOUSE_TABLE): CheckResult {
  const findings: Finding[] = [];
  const edges = new Map<string, string[]>();
  const importedPackages = new Set<string>();
  const files = listFiles(root, 'src', ['.ts']);

  for (const file of files) {
    const layer = layerOf(file, table.layers);
    if (layer === undefined) {
      findings.push({ file, rule: 'no layer holds this file', wayOut: `move it into a folder of ${TABLE_FILE}` });
      continue;
    }
    const source = ts.createSourceFile(file, readSource(root, file), ts.ScriptTarget.ES2023, true);
    const targets: string[] = [];
    for (const reference of moduleReferences(source)) {
      const found = (rule: string, wayOut: string): void => {
        findings.push({ file, line: reference.line, rule, wayOut });
      };
      const { specifier } = reference;
      if (specifier === undefined) {
        found('a computed module name hides an import from this check', 'name the module as a literal');
      } else if (reference.kind === 'url' || specifier.startsWith('.')) {
        const target = resolveRelative(root, file, reference, specifier, found);
        if (target === undefined) continue;
        targets.push(target);
        checkBorder(file, layer, target, table, found);
      } else if (specifier.startsWith('#') || specifier === 'isovec' || specifier.startsWith('isovec/')) {
        found(`'${specifier}' goes through the built package`, 'import the file by its relative path');
      } else {
        checkPackage(file, layer, specifier, table, importedPackages, found);
      }
    }
    edges.set(file, targets);
    if (!layer.node) findings.push(...findNodeGlobals(source, layer.folder));
    if (!ENVIRONMENT_READERS.some((glob) => matchesGlob(file, glob))) findings.push(...findEnvironmentReads(source));
  }

  for (const cycle of findImportCycles(edges)) {
    findings.push({
      file: cycle[0] ?? '',
      rule: `import cycle: ${[...cycle, cycle[0]].join(' -> ')}`,
      wayOut: 'move what both sides need into a file below them',
    });
  }
  findings.push(...checkTests(root), ...checkTable(root, table, importedPackages));
  return { findings, notes: [`${files.length} files, ${importedPackages.size} packages`] };
}

type Report = (rule: string, wayOut: string) => void;

function layerOf(file: string, layers: readonly Layer[]): Layer | undefined {
  if (file === 'src/index.ts') return { folder: '', rank: INDEX_RANK, node: true, purpose: 'the main entry point' };
  return layers.find(({ folder }) => file.startsWith(`src/${folder}/`));
}

/** The source file a relative specifier names, or undefined (reported where it is an error). */
function resolveRelative(
  root: string,
  file: string,
  reference: ModuleReference,
  specifier: string,
  found: Report,
): string | undefined {
  const joined = path.posix.join(path.posix.dirname(file), specifier);
  const target = joined.replace(/\.js$/, '.ts');
  if (joined.endsWith('.js') && target.startsWith('src/')) {
    if (existsSync(path.join(root, target))) return target;
    found(`'${specifier}' does not exist`, 'correct the path');
    return undefined;
  }
  if (reference.kind === 'url') {
    // Data is read in place: src/ and dist/ lie equally deep, so one relative address holds for both.
    if (!existsSync(path.join(root, joined))) found(`'${specifier}' does not exist`, 'correct the address');
    return undefined;
  }
  found(`'${specifier}' leaves src/ or does not end in .js`, 'import TypeScript files of src/ with a .js ending');
  return undefined;
}

function checkBorder(file: string, layer: Layer, target: string, table: LayerTable, found: Report): void {
  const targetLayer = layerOf(target, table.layers);
  if (targetLayer === undefined) return;
  if (targetLayer.folder !== layer.folder && targetLayer.rank >= layer.rank) {
    const relation = targetLayer.rank === layer.rank ? 'its own rank' : 'a higher rank';
    found(
      `${layer.folder}/ (rank ${layer.rank}) imports ${target} (rank ${targetLayer.rank}), which is of ${relation}`,
      'imports go downwards: pass the value in, or move what both need into a lower folder',
    );
  }
  for (const separation of table.separations) {
    if (matchesGlob(file, separation.files) && separation.never.some((glob) => matchesGlob(target, glob))) {
      found(`${separation.files} never imports ${target}: ${separation.reason}`, 'pass the value in');
    }
  }
}

function checkPackage(
  file: string,
  layer: Layer,
  specifier: string,
  table: LayerTable,
  imported: Set<string>,
  found: Report,
): void {
  if (specifier.startsWith('node:') || BUILTINS.has(specifier)) {
    if (!layer.node) {
      found(`${layer.folder}/ uses no Node module, but imports '${specifier}'`, 'take bytes or values as parameters');
    } else if (!specifier.startsWith('node:')) {
      found(`'${specifier}' is a Node module without its prefix`, `write 'node:${specifier}'`);
    }
    return;
  }
  const name = specifier
    .split('/')
    .slice(0, specifier.startsWith('@') ? 2 : 1)
    .join('/');
  const rule = table.packages.find((candidate) => candidate.name === name);
  if (rule === undefined) {
    found(`package '${name}' is not in the table`, `add it to ${TABLE_FILE} with a decision record, or do without`);
  } else {
    imported.add(name);
    if (!rule.files.some((glob) => matchesGlob(file, glob))) {
      found(`package '${name}' belongs to ${rule.files.join(', ')}`, 'use what those files export');
    }
  }
}

/** Tests import the product as users get it: a second copy from src/ would have its own classes and tables. */
function checkTests(root: string): Finding[] {
  return listFiles(root, 'test', ['.ts']).flatMap((file) => {
    const source = ts.createSourceFile(file, readSource(root, file), ts.ScriptTarget.ES2023, true);
    return moduleReferences(source).flatMap(({ specifier, line, kind }) => {
      if (specifier === undefined || kind === 'url' || !specifier.startsWith('.')) return [];
      const target = path.posix.join(path.posix.dirname(file), specifier);
      if (!/^(src|dist)\//.test(target)) return [];
      const wayOut = `import '#${target.replace(/^dist/, 'src')}'`;
      return [{ file, line, rule: `a test imports ${target} by path`, wayOut }];
    });
  });
}

function checkTable(root: string, table: LayerTable, imported: ReadonlySet<string>): Finding[] {
  const findings: Finding[] = [];
  const shipped = shippedPackages(readPackageManifest(root));
  for (const name of shipped) {
    if (!table.packages.some((rule) => rule.name === name)) {
      findings.push({
        file: 'package.json',
        rule: `dependency '${name}' is not in the table`,
        wayOut: `add it to ${TABLE_FILE}, or remove it`,
      });
    }
  }
  for (const { name } of table.packages) {
    if (!shipped.includes(name)) {
      findings.push({ file: TABLE_FILE, rule: `'${name}' is no dependency`, wayOut: 'add it to package.json' });
    } else if (!imported.has(name)) {
      findings.push({ file: TABLE_FILE, rule: `nothing imports '${name}'`, wayOut: 'remove the dependency' });
    }
  }
  return findings;
}
