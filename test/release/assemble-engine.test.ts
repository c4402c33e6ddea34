import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';

import { assembleEngine, type EngineManifest } from '../../scripts/release/assemble-engine.js';
import { ENGINE_PLATFORMS, type EnginePlatform } from '../../scripts/release/engine-platforms.js';
import { listFiles } from '../../scripts/source-files.js';
import { ROOT } from '../package/pack-package.js';

const base = mkdtempSync(path.join(tmpdir(), 'isovec-engines-'));
afterAll(() => {
  rmSync(base, { recursive: true, force: true });
});

/** Native files of each engine: what a platform loads, and nothing of any other. */
const NATIVE: Readonly<Record<EnginePlatform, readonly string[]>> = {
  'linux-x64': [
    'onnxruntime-node/bin/napi-v6/linux/x64/libonnxruntime.so.1',
    'onnxruntime-node/bin/napi-v6/linux/x64/onnxruntime_binding.node',
    'tokenizers/tokenizers.linux-x64-gnu.node',
  ],
  'linux-arm64': [
    'onnxruntime-node/bin/napi-v6/linux/arm64/libonnxruntime.so.1',
    'onnxruntime-node/bin/napi-v6/linux/arm64/onnxruntime_binding.node',
    'tokenizers/tokenizers.linux-arm64-gnu.node',
  ],
  'darwin-arm64': [
    'onnxruntime-node/bin/napi-v6/darwin/arm64/libonnxruntime.1.dylib',
    'onnxruntime-node/bin/napi-v6/darwin/arm64/onnxruntime_binding.node',
    'tokenizers/tokenizers.darwin-arm64.node',
  ],
  'win32-x64': [
    ...['DirectML.dll', 'dxcompiler.dll', 'dxil.dll', 'onnxruntime.dll', 'onnxruntime_binding.node'].map(
      (file) => `onnxruntime-node/bin/napi-v6/win32/x64/${file}`,
    ),
    'tokenizers/tokenizers.win32-x64-msvc.node',
  ],
  'win32-arm64': [
    ...['DirectML.dll', 'dxcompiler.dll', 'dxil.dll', 'onnxruntime.dll', 'onnxruntime_binding.node'].map(
      (file) => `onnxruntime-node/bin/napi-v6/win32/arm64/${file}`,
    ),
    'tokenizers/tokenizers.win32-arm64-msvc.node',
  ],
};

/** The platform that a library or program is built for, by its header: ELF, Mach-O or PE. */
function builtFor(content: Buffer): string {
  if (content.subarray(0, 4).equals(Buffer.from('\x7fELF', 'latin1'))) {
    return { 62: 'linux-x64', 183: 'linux-arm64' }[content.readUInt16LE(18)] ?? 'an unknown ELF';
  }
  if (content.readUInt32LE(0) === 0xfe_ed_fa_cf) {
    return { 0x01_00_00_0c: 'darwin-arm64' }[content.readUInt32LE(4)] ?? 'an unknown Mach-O';
  }
  const header = content.readUInt32LE(0x3c);
  if (content.toString('latin1', header, header + 4) === 'PE\0\0') {
    return { 0x86_64: 'win32-x64', 0xaa_64: 'win32-arm64' }[content.readUInt16LE(header + 4)] ?? 'an unknown PE';
  }
  return 'nothing known';
}

describe.each(ENGINE_PLATFORMS)('the engine of %s', (platform) => {
  const folder = path.join(base, platform);
  const manifest = assembleEngine(ROOT, platform, folder);
  const files = listFiles(folder, '', ['']);

  it('holds the native files of its platform alone', () => {
    const native = files.filter((file) => /\.(node|dll|dylib)$|\.so\b/.test(file));
    expect(native).toEqual([...NATIVE[platform]].sort());
    const targets = native.map((file) => [file, builtFor(readFileSync(path.join(folder, file)))]);
    expect(targets).toEqual(native.map((file) => [file, platform]));
  });

  it('has a manifest of every file that it took, with its digest', () => {
    const own = ['README.md', 'licences/onnxruntime.txt', 'licences/tokenizers.txt', 'manifest.json', 'package.json'];
    expect([...manifest.files.map((file) => file.path), ...own].sort()).toEqual(files);
    for (const { path: file, bytes, sha256 } of manifest.files) {
      const content = readFileSync(path.join(folder, file));
      expect([file, content.byteLength, createHash('sha256').update(content).digest('hex')]).toEqual([
        file,
        bytes,
        sha256,
      ]);
    }
    expect(JSON.parse(readFileSync(path.join(folder, 'manifest.json'), 'utf8'))).toEqual(manifest);
  });

  it('changes the files of the official packages in one line, where it says so', () => {
    const changed = manifest.files.filter((file) => file.rewritten).map((file) => file.path);
    expect(changed).toEqual(['onnxruntime-node/dist/binding.js', 'onnxruntime-node/dist/index.js']);
    for (const { path: file } of manifest.files) {
      const content = readFileSync(path.join(folder, file));
      const official = readFileSync(path.join(ROOT, 'node_modules', file));
      if (!changed.includes(file)) expect([file, content.equals(official)]).toEqual([file, true]);
      else {
        const back = content.toString().replaceAll('../../onnxruntime-common/dist/cjs/index.js', 'onnxruntime-common');
        expect(back).toBe(official.toString());
      }
    }
  });

  it('says which platform it is for, runs nothing, and comes with its licences', () => {
    const packageFile = JSON.parse(readFileSync(path.join(folder, 'package.json'), 'utf8')) as Record<string, unknown>;
    const [os, cpu] = platform.split('-');
    expect(packageFile).toMatchObject({ name: `@isovec/engine-${platform}`, os: [os], cpu: [cpu] });
    expect(packageFile['libc']).toEqual(os === 'linux' ? ['glibc'] : undefined);
    expect(packageFile).not.toHaveProperty('scripts');
    expect(packageFile).not.toHaveProperty('dependencies');
    const licence = (name: string): string => readFileSync(path.join(folder, 'licences', name), 'utf8');
    expect(licence('onnxruntime.txt')).toMatch(/^MIT License\n\nCopyright \(c\) Microsoft Corporation\n/);
    expect(licence('tokenizers.txt')).toContain('Apache License');
  });
});

describe('assembling', () => {
  it('gives the same bytes twice', () => {
    const again = path.join(base, 'again');
    assembleEngine(ROOT, 'linux-x64', again);
    const first = path.join(base, 'linux-x64');
    const files = listFiles(again, '', ['']);
    expect(files).toEqual(listFiles(first, '', ['']));
    const differing = files.filter(
      (file) => !readFileSync(path.join(again, file)).equals(readFileSync(path.join(first, file))),
    );
    expect(differing).toEqual([]);
  });

  it('names packages and digests as the lock file has them', () => {
    const { packages } = JSON.parse(readFileSync(path.join(ROOT, 'package-lock.json'), 'utf8')) as {
      packages: Record<string, { version: string; integrity: string }>;
    };
    const manifest = JSON.parse(readFileSync(path.join(base, 'linux-x64/manifest.json'), 'utf8')) as EngineManifest;
    const names = ['onnxruntime-node', 'onnxruntime-common', 'tokenizers'];
    expect(manifest.packages.map(({ name }) => name)).toEqual(names);
    for (const { name, version, integrity } of manifest.packages) {
      expect({ version, integrity }).toEqual({
        version: packages[`node_modules/${name}`]?.version,
        integrity: packages[`node_modules/${name}`]?.integrity,
      });
    }
  });
});
