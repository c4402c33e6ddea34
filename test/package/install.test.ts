import { existsSync, readdirSync, statSync } from 'node:fs';
import { readFile, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { pathToFileURL } from 'node:url';

import ts from 'typescript';
import { beforeAll, describe, expect, it } from 'vitest';

import { ENGINE_PLATFORMS } from '../../scripts/release/engine-platforms.js';
import { moduleReferences } from '../../scripts/module-imports.js';
import { listFiles } from '../../scripts/source-files.js';
import { type Consumer, installForConsumer } from './consumer.js';
import { ROOT } from './pack-package.js';

/** Between Python's float32 and ours; the checkpoint's own float32 noise is a tenth of it. */
const TOLERANCE = 1e-6;
/** What isovec and all that it needs may take on linux-x64, and what is fetched of it beside the engine. */
const INSTALLED_BYTES = 90e6;
const ARCHIVE_BYTES = 6e6;
const COMPILER_OPTIONS = { strict: true, target: 'ES2022', types: ['node'], skipLibCheck: false };

let consumer: Consumer;
let installed: string;
let entries: string[];

beforeAll(async () => {
  consumer = await installForConsumer();
  installed = path.join(consumer.folder, 'node_modules/isovec');
  const { exports } = (await readJson(path.join(installed, 'package.json'))) as { exports: object };
  entries = Object.keys(exports).map((entry) => path.posix.join('isovec', entry));
  return () => consumer[Symbol.asyncDispose]();
}, 400_000);

async function readJson(file: string): Promise<unknown> {
  return JSON.parse(await readFile(file, 'utf8'));
}

/** Compiles the user's program with the user's compiler; '' if it has nothing to say. */
async function compile(options: Readonly<Record<string, unknown>>, files: readonly string[]): Promise<string> {
  const config = { compilerOptions: { ...COMPILER_OPTIONS, ...options }, files };
  await writeFile(path.join(consumer.folder, 'tsconfig.json'), JSON.stringify(config));
  const { stdout, stderr } = await consumer.node(['node_modules/typescript/bin/tsc', '-p', 'tsconfig.json']);
  return stdout + stderr;
}

describe('the installed package', () => {
  it('fetches itself, the engine of this platform and what it shares with the program, and nothing else', () => {
    const names = consumer.fetched.map((one) => one.replace(/@[^@]*$/, ''));
    expect(names.sort()).toEqual([
      `@isovec/engine-${process.platform}-${process.arch}`,
      '@opentelemetry/api',
      'isovec',
    ]);
  });

  it('holds the packages of the lock file that it needs, at their places, and no other', async () => {
    const lock = (await readJson(path.join(consumer.folder, 'package-lock.json'))) as {
      packages: Record<string, { version: string; inBundle?: boolean }>;
    };
    const inside = Object.entries(lock.packages).flatMap(([place, { version, inBundle }]) =>
      inBundle === true ? [`${place.replace('node_modules/isovec/', '')}@${version}`] : [],
    );
    expect(inside.sort()).toEqual(consumer.bundled.map(({ place, version }) => `${place}@${version}`).sort());
  });

  it('runs nothing when it is installed: no package of it has a script for that, or sources to compile', async () => {
    const engine = `../@isovec/engine-${process.platform}-${process.arch}`;
    const running: string[] = [];
    for (const place of ['', engine, '../@opentelemetry/api', ...consumer.bundled.map((one) => one.place)]) {
      const { scripts = {} } = (await readJson(path.join(installed, place, 'package.json'))) as { scripts?: object };
      const runs = Object.keys(scripts).filter((name) => /^(pre|post)?install$/.test(name));
      if (runs.length > 0 || existsSync(path.join(installed, place, 'binding.gyp'))) running.push(place);
    }
    expect(running).toEqual([]);
  });

  it('says nothing of development, and names engines, shared packages and optional ones', async () => {
    const published = (await readJson(path.join(installed, 'package.json'))) as Record<string, Record<string, string>>;
    const { version } = published as unknown as { version: string };
    for (const key of ['devDependencies', 'scripts', 'overrides']) expect(published).not.toHaveProperty(key);
    const engines = ENGINE_PLATFORMS.map((platform) => [`@isovec/engine-${platform}`, version]);
    expect(published['optionalDependencies']).toEqual(Object.fromEntries(engines));
    const bundled = published['bundleDependencies'] as unknown as string[];
    const outside = Object.keys(published['dependencies'] ?? {}).filter((name) => !bundled.includes(name));
    expect(outside).toEqual(['@opentelemetry/api']);
    for (const name of ['onnxruntime-node', 'tokenizers', 'libsql', 'pg']) {
      expect(published['peerDependencies']).toHaveProperty([name]);
      expect(published['peerDependenciesMeta']?.[name]).toEqual({ optional: true });
    }
  });

  it('holds every licence of the packages in it', () => {
    const bare = consumer.bundled.filter(
      ({ place }) =>
        !readdirSync(path.join(installed, place)).some((file) => /^(licen[cs]e|copying|readme)/i.test(file)),
    );
    expect(consumer.bundled.length).toBeGreaterThan(100);
    expect(bare).toEqual([]);
  });

  it('stays below the budget of an installation', () => {
    const stats = ['isovec', '@isovec', '@opentelemetry'].flatMap((name) => {
      const folder = path.join(consumer.folder, 'node_modules', name);
      const entries = readdirSync(folder, { recursive: true, withFileTypes: true });
      return entries.map((entry) => statSync(path.join(entry.parentPath, entry.name)));
    });
    const bytes = stats.reduce((sum, { size }) => sum + size, 0);
    const blocks = stats.reduce((sum, one) => sum + one.blocks * 512, 0);
    const figures = [bytes, blocks, consumer.packed.size].map((figure) => `${(figure / 1e6).toFixed(1)} MB`);
    process.stdout.write(`installed ${figures[0]}, on the disk ${figures[1]}; the archive of isovec ${figures[2]}\n`);
    expect(bytes).toBeLessThan(INSTALLED_BYTES);
    expect(consumer.packed.size).toBeLessThan(ARCHIVE_BYTES);
  });

  it('finds every package that any of its modules imports beside itself, but for optional ones', async () => {
    const needed = new Set<string>();
    const { peerDependenciesMeta } = (await readJson(path.join(installed, 'package.json'))) as {
      peerDependenciesMeta: Record<string, { optional: boolean }>;
    };
    for (const file of listFiles(installed, 'dist', ['.js'])) {
      const text = await readFile(path.join(installed, file), 'utf8');
      for (const { specifier } of moduleReferences(ts.createSourceFile(file, text, ts.ScriptTarget.ES2023, true))) {
        if (specifier === undefined || /^(\.|node:)/.test(specifier)) continue;
        const name = specifier.split('/', specifier.startsWith('@') ? 2 : 1).join('/');
        if (peerDependenciesMeta[name]?.optional !== true) needed.add(specifier);
      }
    }
    const probe = path.join(installed, 'probe.mjs');
    await writeFile(
      probe,
      `process.stdout.write(JSON.stringify(${JSON.stringify([...needed])}.map((name) => import.meta.resolve(name))));`,
    );
    const { stdout, stderr } = await consumer.node([probe]);
    expect(stderr).toBe('');
    const found = JSON.parse(stdout) as string[];
    expect(found.length).toBeGreaterThan(8);
    const folder = pathToFileURL(path.join(consumer.folder, 'node_modules/')).href;
    expect(found.filter((url) => !url.startsWith(folder))).toEqual([]);
  });

  it('refuses what it does not export', async () => {
    const { stderr } = await consumer.node(['-e', "import('isovec/dist/engine/load-model.js')"]);
    expect(stderr).toContain('ERR_PACKAGE_PATH_NOT_EXPORTED');
  });
});

describe('a program in TypeScript', () => {
  it('compiles strictly as a module of Node, and runs', async () => {
    expect(await compile({ module: 'nodenext', outDir: 'built' }, ['main.ts'])).toBe('');
    const out = path.join(consumer.folder, 'portable');
    const { code, stdout, stderr } = await consumer.node(['built/main.js', consumer.model, out]);
    expect([code, stderr]).toEqual([0, '']);
    const { distanceToPython, ...result } = JSON.parse(stdout) as Record<string, unknown>;
    expect(distanceToPython).toBeLessThan(TOLERANCE);
    expect(result).toEqual({
      count: 14,
      workers: 1,
      refusal: 'CONFIG_INVALID',
      nearest: 1,
      inputs: ['input_ids', 'attention_mask', 'token_type_ids'],
      shape: [32],
      verdict: 'pass',
      generated: 3,
      plot: 'PACKAGE_MISSING',
      playground: [200, 200],
    });
  });

  it('compiles strictly for a bundler', async () => {
    const options = { module: 'esnext', moduleResolution: 'bundler', noEmit: true };
    expect(await compile(options, ['main.ts'])).toBe('');
  });

  it('compiles as CommonJS, too', async () => {
    await writeFile(
      path.join(consumer.folder, 'common.cts'),
      "import isovec = require('isovec');\nexport const load: typeof isovec.loadModel = isovec.loadModel;\n",
    );
    expect(await compile({ module: 'nodenext', outDir: 'common' }, ['common.cts'])).toBe('');
  });
});

describe('a program in CommonJS', () => {
  it('can require every entry point', async () => {
    const program = `
      const kinds = ${JSON.stringify(entries)}.map((entry) => Object.keys(require(entry)).length > 0);
      require('isovec').loadModel('./modèle', { threads: 1 }).then(async (model) => {
        const vector = await model.encode('x');
        await model.close();
        console.log(JSON.stringify([kinds, vector.length]));
      });`;
    const { code, stdout, stderr } = await consumer.node(['--input-type=commonjs', '--eval', program]);
    expect([code, stderr]).toEqual([0, '']);
    expect(JSON.parse(stdout)).toEqual([entries.map(() => true), 32]);
  });
});

describe('the command line', () => {
  const program = 'node_modules/.bin/isovec';

  it('is executable and shows its help', async () => {
    expect((await stat(path.join(consumer.folder, program))).mode & 0o111).toBe(0o111);
    const { code, stdout, stderr } = await consumer.run(program, ['--help']);
    expect([code, stderr]).toEqual([0, '']);
    expect(stdout).toMatch(/^Usage: isovec /);
  });

  it('tells the version of the package', async () => {
    const { version } = (await readJson(path.join(installed, 'package.json'))) as { version: string };
    const { code, stdout } = await consumer.run(program, ['--version']);
    expect([code, stdout.trim()]).toEqual([0, version]);
  });

  it('gives the vector that Python gives', async () => {
    const { texts, vectors } = (await readJson(path.join(consumer.model, 'expected.json'))) as {
      texts: string[];
      vectors: number[][];
    };
    const { code, stdout } = await consumer.run(program, ['embed', '--quiet', '--model', './modèle', texts[1] ?? '']);
    expect(code).toBe(0);
    const { vector } = JSON.parse(stdout) as { vector: number[] };
    const errors = vector.map((value, index) => Math.abs(value - (vectors[1]?.[index] ?? NaN)));
    expect(errors).toHaveLength(32);
    expect(Math.max(...errors)).toBeLessThan(TOLERANCE);
  });

  it('refuses a flag that it does not know, with status 2', async () => {
    const { code, stdout, stderr } = await consumer.run(program, ['embed', '--no-such-flag', 'x']);
    expect([code, stdout]).toEqual([2, '']);
    expect(stderr).toContain('--no-such-flag');
  });

  it.each([
    ['memory', 'remember', 'a text'],
    ['memory', 'recall', 'a text'],
    ['memory', 'list'],
    ['memory', 'import', 'package.json'],
    ['mcp'],
  ])('says how to install the package for files of memories, which is optional: %s %s', async (...args) => {
    const { devDependencies } = (await readJson(path.join(ROOT, 'package.json'))) as {
      devDependencies: Record<string, string>;
    };
    const { code, stdout, stderr } = await consumer.run(program, [...args, '--store', './memories/memory.db']);
    expect([code, stdout]).toEqual([4, '']);
    expect(stderr).toContain(`npm install libsql@${devDependencies['libsql'] ?? ''}`);
    expect(stderr).toContain('[PACKAGE_MISSING]');
    await expect(stat(path.join(consumer.folder, 'memories'))).rejects.toThrow('ENOENT');
  });
});

describe('the engine package', () => {
  const program = 'node_modules/.bin/isovec';
  const engine = `@isovec/engine-${process.platform}-${process.arch}`;

  async function findings(): Promise<Map<string, { status: string; detail: string }>> {
    const { stdout } = await consumer.run(program, ['doctor', '--json', '--quiet']);
    const { findings } = JSON.parse(stdout) as { findings: { name: string; status: string; detail: string }[] };
    return new Map(findings.map(({ name, status, detail }) => [name, { status, detail }]));
  }

  it('is what the native packages come from, as doctor tells', async () => {
    const { dependencies, version } = (await readJson(path.join(ROOT, 'package.json'))) as {
      dependencies: Record<string, string>;
      version: string;
    };
    const found = await findings();
    for (const name of ['onnxruntime-node', 'tokenizers']) {
      expect(found.get(name)).toEqual({ status: 'ok', detail: `${dependencies[name] ?? ''}, from ${engine}` });
    }
    // Each device is tried in a process of its own, which finds the engine, too.
    expect(found.get('devices')).toEqual({ status: 'ok', detail: expect.stringMatching(/^in process: cpu/) as string });
    const { status, detail } = found.get('engine package') ?? {};
    expect([status, detail]).toEqual(['ok', expect.stringMatching(`^${engine} ${version}, [0-9]+ files as in its`)]);
  });

  it('is found out by doctor when a file differs from its manifest', async () => {
    const file = path.join(consumer.folder, 'node_modules', engine, 'onnxruntime-node/dist/version.js');
    const original = await readFile(file);
    await writeFile(file, Buffer.concat([original, Buffer.from('//')]));
    const found = await findings();
    await writeFile(file, original);
    const { status, detail } = found.get('engine package') ?? {};
    expect([status, detail]).toEqual(['fail', expect.stringContaining('onnxruntime-node/dist/version.js not as in')]);
    expect(found.get('onnxruntime-node')?.status).toBe('ok');
  });

  it('is missed with the ways out where an installation has none', async () => {
    const other = await consumer.installBeside('other', ['--os=linux', '--cpu=x64', '--libc=musl']);
    expect(other.fetched.filter((one) => one.startsWith('@isovec/'))).toEqual([]);
    const { code, stdout, stderr } = await other.node([
      'node_modules/.bin/isovec',
      'embed',
      '--model',
      './modèle',
      'x',
    ]);
    expect([code, stdout]).toEqual([4, '']);
    expect(stderr).toContain('[PACKAGE_MISSING]');
    expect(stderr.replaceAll(/\s+/g, ' ')).toContain(`It comes with ${engine}, an optional dependency`);
  });
});
