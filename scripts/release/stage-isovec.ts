import { execFile } from 'node:child_process';
import { chmodSync, copyFileSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { promisify } from 'node:util';
import { z } from 'zod';

import { engineName } from './assemble-engine.js';
import { type BundledPackage, bundledPackages, IN_ENGINES, isLeftOut, SHARED } from './bundled-packages.js';
import { declaredPackages } from './declared-packages.js';
import { ENGINE_PLATFORMS } from './engine-platforms.js';
import { brokenReferences, keptFiles, lostEntries } from './kept-files.js';

const manifestSchema = z.looseObject({
  name: z.string(),
  version: z.string(),
  dependencies: z.record(z.string(), z.string()),
  peerDependencies: z.record(z.string(), z.string()),
  peerDependenciesMeta: z.record(z.string(), z.object({ optional: z.boolean() })),
});
const bundledSchema = z.looseObject({
  scripts: z.record(z.string(), z.string()).optional(),
  dependencies: z.record(z.string(), z.string()).optional(),
});
const packedSchema = z.object({ files: z.array(z.object({ path: z.string() })) });

/** Of the repository's package.json: what only its developers need. */
const FOR_DEVELOPERS = ['devDependencies', 'scripts', 'allowScripts', 'overrides'];
const run = promisify(execFile);
const INSTALL_SCRIPTS = ['preinstall', 'install', 'postinstall'];

/** What {@link stageIsovec} has put into the package. */
export interface StagedIsovec {
  readonly name: string;
  readonly version: string;
  readonly bundled: readonly BundledPackage[];
}

/**
 * Writes the package isovec into a folder as it is published: the files that npm would pack of the repository at `root`, the
 * packages that it needs below node_modules, and a package.json without development, in which the engine packages are optional
 * dependencies. Needs a build. Throws if what is left out of a package is named by what is kept.
 */
export async function stageIsovec(root: string, folder: string): Promise<StagedIsovec> {
  for (const file of await packedFiles(root)) {
    if (file !== 'package.json') copy(path.join(root, file), path.join(folder, file));
  }
  const bundled = bundledPackages(root);
  const declared = declaredPackages(root, bundled);
  for (const { place } of bundled) stageBundled(path.join(root, place), path.join(folder, place), declared.has(place));
  const manifest = manifestSchema.parse(readJson(path.join(root, 'package.json')));
  writeJson(path.join(folder, 'package.json'), publishedManifest(manifest));
  // The program is marked as one when npm installs it; who unpacks the archive finds it marked already.
  chmodSync(path.join(folder, 'dist/cli/main.js'), 0o755);
  return { name: manifest.name, version: manifest.version, bundled };
}

/** The package.json that users get. */
function publishedManifest(manifest: z.infer<typeof manifestSchema>): unknown {
  const { dependencies, peerDependencies, peerDependenciesMeta, version } = manifest;
  const own = Object.fromEntries(Object.entries(dependencies).filter(([name]) => !IN_ENGINES.includes(name)));
  const official = IN_ENGINES.map((name) => [name, `^${dependencies[name] ?? ''}`] as const);
  return {
    ...Object.fromEntries(Object.entries(manifest).filter(([key]) => !FOR_DEVELOPERS.includes(key))),
    dependencies: own,
    bundleDependencies: Object.keys(own).filter((name) => !SHARED.includes(name)),
    optionalDependencies: Object.fromEntries(ENGINE_PLATFORMS.map((platform) => [engineName(platform), version])),
    peerDependencies: { ...peerDependencies, ...Object.fromEntries(official) },
    peerDependenciesMeta: {
      ...peerDependenciesMeta,
      ...Object.fromEntries(IN_ENGINES.map((name) => [name, { optional: true }])),
    },
  };
}

function stageBundled(source: string, target: string, declared: boolean): void {
  const kept = keptFiles(source, declared);
  const broken = [...lostEntries(source, kept), ...brokenReferences(source, kept)];
  if (broken.length > 0) throw new Error(`${source} needs what would be left out: ${broken.join('; ')}.`);
  for (const file of kept) copy(path.join(source, file), path.join(target, file));
  const manifest = bundledSchema.parse(readJson(path.join(source, 'package.json')));
  const reduced = reducedManifest(manifest);
  if (reduced !== undefined) writeJson(path.join(target, 'package.json'), reduced);
}

/** A bundled package.json without scripts that npm would run and dependencies that are left out; undefined if it has none. */
function reducedManifest(manifest: z.infer<typeof bundledSchema>): unknown {
  const { scripts = {}, dependencies = {} } = manifest;
  const runs = Object.keys(scripts).filter((name) => INSTALL_SCRIPTS.includes(name));
  const lost = Object.keys(dependencies).filter((name) => isLeftOut(name));
  if (runs.length === 0 && lost.length === 0) return undefined;
  const without = (entries: Readonly<Record<string, string>>, names: readonly string[]): unknown =>
    Object.fromEntries(Object.entries(entries).filter(([name]) => !names.includes(name)));
  return { ...manifest, scripts: without(scripts, runs), dependencies: without(dependencies, lost) };
}

/** What npm would pack of the repository, without running any of its scripts. */
async function packedFiles(root: string): Promise<string[]> {
  const { stdout } = await run('npm', ['pack', '--dry-run', '--json', '--ignore-scripts'], {
    cwd: root,
    maxBuffer: 64 * 1024 * 1024,
  });
  // One report for each packed package: a list, or since npm 12 a record by name.
  const [report] = Object.values({ ...(JSON.parse(stdout) as object) });
  return packedSchema.parse(report).files.map((file) => file.path);
}

function copy(source: string, target: string): void {
  mkdirSync(path.dirname(target), { recursive: true });
  copyFileSync(source, target);
  chmodSync(target, 0o644);
}

function writeJson(file: string, value: unknown): void {
  writeFileSync(file, `${JSON.stringify(value, null, 2)}\n`, { mode: 0o644 });
}

function readJson(file: string): unknown {
  return JSON.parse(readFileSync(file, 'utf8'));
}
