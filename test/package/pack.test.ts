import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';

import ts from 'typescript';
import { beforeAll, describe, expect, it } from 'vitest';

import { BUNDLED_PROGRAMS, CHUNKS_FOLDER } from '../../scripts/bundled-programs.js';
import { moduleReferences } from '../../scripts/module-imports.js';
import { expectedFiles } from './expected-files.js';
import { type PackedPackage, packPackage, ROOT } from './pack-package.js';

const MEBIBYTE = 1024 ** 2;
let packed: PackedPackage;

beforeAll(async () => {
  const folder = await mkdtemp(path.join(tmpdir(), 'isovec-pack-'));
  try {
    packed = await packPackage(folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
});

async function manifest(): Promise<Record<string, unknown>> {
  return JSON.parse(await readFile(path.join(ROOT, 'package.json'), 'utf8')) as Record<string, unknown>;
}

describe('the package', () => {
  it('holds what the rules expect and nothing else', () => {
    const expected = new Set(expectedFiles(ROOT));
    const actual = new Set(packed.files.map((file) => file.path));
    expect({
      missing: [...expected].filter((file) => !actual.has(file)),
      unexpected: [...actual].filter((file) => !expected.has(file)),
    }).toEqual({ missing: [], unexpected: [] });
  });

  it('stays small', () => {
    // Code, and reference vectors of one model. A checkpoint, source maps or a folder of fixtures cross the budget. The Python side of
    // the bridge came with a tenth of a mebibyte of sources, which is why it is not 4.
    expect(packed.size).toBeLessThan(2 * MEBIBYTE);
    expect(packed.unpackedSize).toBeLessThan(4.2 * MEBIBYTE);
  });

  it('bundles no other package and has no empty file', () => {
    expect(packed.bundled).toEqual([]);
    expect(packed.files.filter(({ size }) => size === 0)).toEqual([]);
  });

  it('says nothing about the machine it was built on', async () => {
    const texts = packed.files.filter(({ path: file }) => !/\.f(32|64)$/.test(file));
    const telling: string[] = [];
    for (const { path: file } of texts) {
      const text = await readFile(path.join(ROOT, file), 'utf8');
      if (text.includes(ROOT) || text.includes('sourceMappingURL')) telling.push(file);
    }
    expect(texts.length).toBeGreaterThan(100);
    expect(telling).toEqual([]);
  });

  it('has programs in few files, which import none of the files that the compiler wrote', async () => {
    const { commandLine, threads } = BUNDLED_PROGRAMS;
    const chunks = packed.files.map((file) => file.path).filter((file) => file.startsWith(`${CHUNKS_FOLDER}/`));
    const strays: string[] = [];
    for (const file of [commandLine, ...chunks, ...threads]) {
      const source = ts.createSourceFile(
        file,
        await readFile(path.join(ROOT, file), 'utf8'),
        ts.ScriptTarget.ES2023,
        true,
      );
      for (const { kind, specifier } of moduleReferences(source)) {
        if (kind === 'url' || specifier?.startsWith('.') !== true) continue;
        const target = path.posix.join(path.posix.dirname(file), specifier);
        // A module that is loaded by two addresses exists twice, with a state of its own each.
        if (!chunks.includes(target)) strays.push(`${file}: ${specifier}`);
      }
    }
    expect(chunks).toContain(`${CHUNKS_FOLDER}/command-line.js`);
    expect(strays).toEqual([]);
  });

  it('runs nothing when it is installed', async () => {
    const { scripts } = await manifest();
    const atInstall = ['preinstall', 'install', 'postinstall', 'prepublish', 'preprepare', 'prepare', 'postprepare'];
    expect(Object.keys(scripts ?? {}).filter((name) => atInstall.includes(name))).toEqual([]);
  });

  it('states the versions of Node it runs on, its program and its licence', async () => {
    const { engines, bin, license } = await manifest();
    expect(engines).toEqual({ node: '>=20.19' });
    expect(bin).toEqual({ isovec: './dist/cli/main.js' });
    expect(await readFile(path.join(ROOT, 'dist/cli/main.js'), 'utf8')).toMatch(/^#!\/usr\/bin\/env node\n/);
    expect(license).toBe('Apache-2.0');
    expect(await readFile(path.join(ROOT, 'LICENSE'), 'utf8')).toContain('Apache License');
  });
});
