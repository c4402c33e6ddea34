import { existsSync } from 'node:fs';
import path from 'node:path';

import { ERROR_TABLE } from '../src/shared/error-table.js';
import { checkCommands } from './check-commands.js';
import { checkDocstrings } from './check-docstrings.js';
import { CliHelp } from './cli-help.js';
import type { CheckResult, Finding } from './finding.js';
import { flagVariables } from './command-line-reference.js';
import {
  checkGenerated,
  type GeneratedBlock,
  type GeneratedFile,
  houseBlocks,
  houseFiles,
} from './generated-blocks.js';
import { type Located, type MarkdownNames, markdownNames } from './markdown-names.js';
import { type PackageManifest, readPackageManifest, shippedPackages } from './package-manifest.js';
import { listFiles, readSource } from './source-files.js';

const ROOT_DOCUMENTS = ['README.md', 'ARCHITECTURE.md', 'CONTRIBUTING.md', 'REVIEW.md', 'SECURITY.md'];
/** Records tell of other software and of what was: only their links are held to the tree of today. */
const RECORDS = 'docs/decisions/';
/** A path in a document is one if it starts with one of these; all else with a slash may be a model, a type, a route. */
const FOLDERS = 'src|test|scripts|docs|data|proto|python|deploy|benchmarks|examples|\\.ci';
const TREE_PATH = new RegExp(`(?<![\\w./@-])((?:${FOLDERS})/[\\w./@*<>-]*)`, 'g');
const WHOLE_PATH = new RegExp(`^(?:${FOLDERS})/[\\w./@*<>-]*$`);

/** What the documents are held against besides the tree; a test passes its own. */
export interface DocumentedTables {
  readonly errorCodes: readonly string[];
  readonly blocks: readonly GeneratedBlock[];
  readonly files?: readonly GeneratedFile[];
  /** Environment variables whose names follow from flags, so that no source spells them. */
  readonly variables?: readonly string[];
}

/** Holds what the documents name against what exists, and the generated parts against their tables. */
export async function checkDocs(root: string, documented?: DocumentedTables): Promise<CheckResult> {
  const tables = documented ?? (await houseTables(root));
  const manifest = readPackageManifest(root);
  const documents = new Map(
    [...ROOT_DOCUMENTS, ...listFiles(root, 'docs', ['.md'])]
      .filter((file) => existsSync(path.join(root, file)))
      .map((file) => [file, markdownNames(readSource(root, file))]),
  );
  const findings: Finding[] = [];
  const notes: string[] = [];
  const help = new CliHelp(root);
  const known = knownCapitals(root, [...tables.errorCodes, ...(tables.variables ?? [])]);

  for (const [file, names] of documents) {
    findings.push(...checkLinks(root, file, names, documents));
    if (file.startsWith(RECORDS)) continue;
    findings.push(...checkPaths(root, file, names));
    findings.push(...checkScripts(file, names, manifest));
    findings.push(...checkEntryPoints(file, names, manifest));
    findings.push(...checkCapitals(file, names, known));
    if (help.available) findings.push(...(await checkCommands(file, [...names.shellLines, ...names.codeSpans], help)));
  }
  if (!help.available) notes.push('commands and flags NOT compared: dist/cli/main.js is not built');
  findings.push(...(await checkGenerated(root, tables.blocks, tables.files)));
  findings.push(...checkRecords(root, manifest), ...checkDocstrings(root));
  return { findings, notes: [`${documents.size} documents`, ...notes] };
}

async function houseTables(root: string): Promise<DocumentedTables> {
  return {
    errorCodes: Object.keys(ERROR_TABLE),
    blocks: houseBlocks(root),
    files: await houseFiles(root),
    variables: flagVariables(),
  };
}

function checkLinks(
  root: string,
  file: string,
  names: MarkdownNames,
  documents: ReadonlyMap<string, MarkdownNames>,
): Finding[] {
  return names.links.flatMap(({ text, line }) => {
    if (/^[a-z][a-z0-9+.-]*:/i.test(text)) return [];
    const [address = '', anchor] = text.split('#');
    const target = address === '' ? file : path.posix.join(path.posix.dirname(file), decodeURI(address));
    if (!existsSync(path.join(root, target))) {
      return [{ file, line, rule: `link to ${target}, which does not exist`, wayOut: 'correct the link' }];
    }
    const anchors = documents.get(target)?.anchors;
    if (anchor === undefined || anchor === '' || anchors === undefined || anchors.has(anchor)) return [];
    return [{ file, line, rule: `link to #${anchor}, no heading of ${target}`, wayOut: 'correct the link' }];
  });
}

function checkPaths(root: string, file: string, names: MarkdownNames): Finding[] {
  const inSpans = names.codeSpans.filter(({ text }) => WHOLE_PATH.test(text));
  const inShell = names.shellLines.flatMap(({ text, line }) =>
    [...text.matchAll(TREE_PATH)].map(([, found = '']) => ({ text: found, line })),
  );
  return [...inSpans, ...inShell].flatMap(({ text, line }) => {
    // What a reader replaces (`NAME`, `<name>`) and globs end the part that must exist.
    const segments = text.split('/');
    const open = segments.findIndex((segment) => /[*<>]|^[A-Z_]+(\.\w+)*$/.test(segment) && !/\.md$/.test(segment));
    const fixed = (open < 0 ? segments : segments.slice(0, open)).join('/').replace(/\.+$/, '');
    if (existsSync(path.join(root, fixed))) return [];
    return [{ file, line, rule: `names ${text}, which does not exist`, wayOut: 'correct the path' }];
  });
}

function allLines(names: MarkdownNames): readonly Located[] {
  return [...names.codeSpans, ...names.shellLines, ...names.codeLines];
}

function checkScripts(file: string, names: MarkdownNames, manifest: PackageManifest): Finding[] {
  return allLines(names).flatMap(({ text, line }) =>
    [...text.matchAll(/\bnpm (?:run (?:-\S+ )*([\w:-]+)|(test|start)\b)/g)].flatMap(([, run, short]) => {
      const script = run ?? short ?? '';
      if (script in manifest.scripts) return [];
      return [{ file, line, rule: `package.json has no script '${script}'`, wayOut: 'correct the name' }];
    }),
  );
}

function checkEntryPoints(file: string, names: MarkdownNames, manifest: PackageManifest): Finding[] {
  const quoted = new RegExp(`(?:^|['"])(${manifest.name}/[\\w./-]+)(?:$|['"])`, 'g');
  return allLines(names).flatMap(({ text, line }) =>
    [...text.matchAll(quoted)].flatMap(([, specifier = '']) => {
      if (specifier.replace(manifest.name, '.') in manifest.exports) return [];
      return [{ file, line, rule: `'${specifier}' is no entry point`, wayOut: 'see `exports` in package.json' }];
    }),
  );
}

/** The error codes, and every other name in capitals that the sources hold: settings, constants. */
function knownCapitals(root: string, table: readonly string[]): ReadonlySet<string> {
  const known = new Set(table);
  const files = [
    ...listFiles(root, 'src', ['.ts']).filter((file) => file !== 'src/shared/error-table.ts'),
    ...listFiles(root, 'python', ['.py']),
    ...listFiles(root, 'scripts/image', ['.ts']),
  ];
  for (const file of files) {
    for (const [name] of readSource(root, file).matchAll(/\b[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+\b/g)) known.add(name);
  }
  return known;
}

function checkCapitals(file: string, names: MarkdownNames, known: ReadonlySet<string>): Finding[] {
  return names.codeSpans.flatMap(({ text, line }) => {
    const name = /^([A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+)(?:=.*)?$/.exec(text)?.[1];
    if (name === undefined || known.has(name)) return [];
    const rule = `${name} is no error code, and no setting that the sources read`;
    return [{ file, line, rule, wayOut: 'correct the name' }];
  });
}

/** A package that users receive has a record that says why. */
function checkRecords(root: string, manifest: PackageManifest): Finding[] {
  return shippedPackages(manifest).flatMap((name) => {
    const file = `${RECORDS}${name.replace('@', '').replaceAll('/', '-')}.md`;
    if (existsSync(path.join(root, file))) return [];
    return [
      { file, rule: `dependency '${name}' has no record`, wayOut: 'write it; docs/decisions/README.md has the form' },
    ];
  });
}
