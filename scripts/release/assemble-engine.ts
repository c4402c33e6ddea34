import { createHash } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { z } from 'zod';

import { type EnginePlatform, type OfficialFiles, officialFiles, PLATFORM_BINARIES } from './engine-platforms.js';

/** A file of an official package, as it lies in an engine. */
export interface EngineFile {
  /** From the engine's folder, with '/'; its first part is the name of the official package. */
  readonly path: string;
  readonly bytes: number;
  readonly sha256: string;
  /** Whether anything but its place differs from the official file. */
  readonly rewritten: boolean;
}

/** What an engine was made of: its `manifest.json`. */
export interface EngineManifest {
  readonly name: string;
  readonly version: string;
  readonly platform: EnginePlatform;
  /** The official packages, with the digests that npm checked when it fetched them. */
  readonly packages: readonly {
    readonly name: string;
    readonly version: string;
    readonly license: string;
    readonly integrity: string;
  }[];
  readonly files: readonly EngineFile[];
}

const lockSchema = z.object({
  packages: z.record(z.string(), z.object({ version: z.string().optional(), integrity: z.string().optional() })),
});
const manifestSchema = z.object({ version: z.string() });

/**
 * The one thing that is changed: without a node_modules folder, this package is found by its place beside the other. How often
 * each file asks for it is part of what was looked at when the version was chosen.
 */
const REWRITTEN: Readonly<Record<string, number>> = { 'dist/index.js': 2, 'dist/binding.js': 1 };
const NAMED = 'require("onnxruntime-common")';
const PLACED = 'require("../../onnxruntime-common/dist/cjs/index.js")';

/** The name of the engine package of a platform. */
export function engineName(platform: EnginePlatform): string {
  return `@isovec/engine-${platform}`;
}

/**
 * Writes the engine package of a platform into a folder: files of the official packages in the node_modules of the repository
 * at `root`, unchanged but for one line, with their licences and a manifest. The same packages give the same bytes. Throws if
 * a package is not what the lock file says, a file is missing, or a line to be changed is not there.
 */
export function assembleEngine(root: string, platform: EnginePlatform, folder: string): EngineManifest {
  const { version } = manifestSchema.parse(readJson(path.join(root, 'package.json')));
  const { os, cpu, libc } = PLATFORM_BINARIES[platform];
  const name = engineName(platform);
  const officials = officialFiles(platform);
  const packages = officials.map((official) => ({ ...lockedPackage(root, official.name), license: official.license }));
  const files = officials.flatMap((official) => copyFiles(root, official, folder));
  const manifest: EngineManifest = { name, version, platform, packages, files };
  const versions = packages.map((official) => `${official.name} ${official.version}`).join(', ');
  put(folder, 'manifest.json', json(manifest));
  put(
    folder,
    'package.json',
    json({
      name,
      version,
      description: `The native parts of isovec for ${platform}: ${versions}.`,
      license: 'MIT AND Apache-2.0',
      os: [os],
      cpu: [cpu],
      ...(libc === undefined ? {} : { libc }),
      engines: { node: '>=20.19' },
      files: [...officials.map((official) => official.name), 'licences', 'manifest.json'],
    }),
  );
  put(folder, 'README.md', readme(name, platform, versions));
  put(folder, 'licences/onnxruntime.txt', readFileSync(path.join(import.meta.dirname, 'licences/onnxruntime.txt')));
  put(folder, 'licences/tokenizers.txt', readFileSync(path.join(root, 'LICENSE')));
  return manifest;
}

/** The version and digest of a package in the lock file, which is the one that is installed. */
function lockedPackage(root: string, name: string): { name: string; version: string; integrity: string } {
  const place = `node_modules/${name}`;
  const { packages } = lockSchema.parse(readJson(path.join(root, 'package-lock.json')));
  const { version, integrity } = packages[place] ?? {};
  if (version === undefined || integrity === undefined) throw new Error(`package-lock.json has no ${name}.`);
  const installed = manifestSchema.parse(readJson(path.join(root, place, 'package.json'))).version;
  if (installed !== version) {
    throw new Error(`${name} ${installed} is installed, but package-lock.json has ${version}; run npm ci.`);
  }
  return { name, version, integrity };
}

function copyFiles(root: string, official: OfficialFiles, folder: string): EngineFile[] {
  const source = path.join(root, 'node_modules', official.name);
  return listed(source, official.files).map((file) => {
    const original = readFileSync(path.join(source, file));
    const content = official.name === 'onnxruntime-node' ? placeCommon(file, original) : original;
    const target = `${official.name}/${file}`;
    put(folder, target, content);
    const sha256 = createHash('sha256').update(content).digest('hex');
    return { path: target, bytes: content.byteLength, sha256, rewritten: content !== original };
  });
}

/** Files, and the JavaScript of folders, in a fixed order. */
function listed(source: string, files: readonly string[]): string[] {
  return files.flatMap((file) => {
    if (!file.endsWith('/')) return [file];
    const names = readdirSync(path.join(source, file)).filter((name) => name.endsWith('.js'));
    return names.sort().map((name) => `${file}${name}`);
  });
}

/** A file of onnxruntime-node that finds onnxruntime-common beside itself. */
function placeCommon(file: string, original: Buffer): Buffer {
  if (!file.endsWith('.js')) return original;
  const text = original.toString('utf8');
  const parts = text.split(NAMED);
  const asked = parts.length - 1;
  if (asked !== (REWRITTEN[file] ?? 0)) {
    throw new Error(`onnxruntime-node/${file} asks for onnxruntime-common ${asked} times; look at what has changed.`);
  }
  const stranger = /require\(["']([^."'][^"']*)["']\)/.exec(parts.join('').replaceAll('require("worker_threads")', ''));
  if (stranger !== null) throw new Error(`onnxruntime-node/${file} needs ${stranger[1] ?? ''}, which no engine has.`);
  return asked === 0 ? original : Buffer.from(parts.join(PLACED));
}

function readme(name: string, platform: EnginePlatform, versions: string): string {
  return [
    `# ${name}`,
    '',
    `The native parts of isovec for ${platform}: ${versions}.`,
    'isovec depends on it; there is no reason to install it alone, and nothing in it is meant to be imported by others.',
    '',
    'The files are those of the official packages. `manifest.json` names the packages, their digests in the registry, and every',
    'file with its digest; the only change is the path by which onnxruntime-node finds onnxruntime-common, in the files that are',
    'marked as rewritten. `isovec doctor` compares an installation with it.',
    '',
    'Licences: ONNX Runtime MIT (`licences/onnxruntime.txt`), tokenizers Apache-2.0 (`licences/tokenizers.txt`), with parts of',
    'N-API for Rust under MIT (`tokenizers/LICENSE`). What ONNX Runtime itself is built from is listed in its',
    '[ThirdPartyNotices](https://github.com/microsoft/onnxruntime/blob/main/ThirdPartyNotices.txt).',
    ...(PLATFORM_BINARIES[platform].os === 'win32'
      ? ['DirectML.dll, dxcompiler.dll and dxil.dll are distributed by Microsoft under terms of their own.']
      : []),
    '',
  ].join('\n');
}

function put(folder: string, file: string, content: string | Uint8Array): void {
  const target = path.join(folder, file);
  mkdirSync(path.dirname(target), { recursive: true });
  writeFileSync(target, content, { mode: 0o644 });
}

function json(value: unknown): string {
  return `${JSON.stringify(value, null, 2)}\n`;
}

function readJson(file: string): unknown {
  return JSON.parse(readFileSync(file, 'utf8'));
}
