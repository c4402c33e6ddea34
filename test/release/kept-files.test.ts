import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import { brokenReferences, keptFiles, lostEntries } from '../../scripts/release/kept-files.js';

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'isovec-kept-'));
});
afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
});

function write(files: Readonly<Record<string, string>>): void {
  for (const [file, content] of Object.entries(files)) {
    mkdirSync(path.dirname(path.join(folder, file)), { recursive: true });
    writeFileSync(path.join(folder, file), content);
  }
}

const RUN = {
  'package.json': '{"main":"lib/index.js"}',
  'lib/index.js': "require('./data.json')",
  'lib/data.json': '1',
};

describe('what is kept of a package', () => {
  it('is what runs and the licence, not maps, sources, tests and texts for people', () => {
    write({
      ...RUN,
      LICENSE: 'MIT',
      'docs/LICENSE-docs.md': 'CC',
      'README.md': 'read',
      'lib/index.js.map': '{}',
      'lib/index.ts': '',
      'lib/index.d.ts': '',
      'test/index.js': '',
      'lib/test/used.js': '',
      'browser/index.js': '',
    });
    const kept = [
      'LICENSE',
      'docs/LICENSE-docs.md',
      'lib/data.json',
      'lib/index.js',
      'lib/test/used.js',
      'package.json',
    ];
    expect(keptFiles(folder, false)).toEqual(kept);
    expect(keptFiles(folder, true)).toEqual([...kept, 'lib/index.d.ts'].sort());
  });

  it('has the README where no other file holds the licence', () => {
    write({ ...RUN, 'Readme.md': 'MIT' });
    expect(keptFiles(folder, false)).toContain('Readme.md');
  });
});

describe('what leaving out would break', () => {
  it.each([
    ["require('../test/rules')", 'test/rules.js'],
    ["import './rules.min.js'", 'lib/rules.min.js'],
    ["export * from '../docs'", 'docs/index.js'],
    ["const rules = await import('../browser/rules.mjs')", 'browser/rules.mjs'],
  ])('is told: %s', (code, file) => {
    write({ ...RUN, 'lib/index.js': code, [file]: '' });
    const [, target = ''] = /'([^']+)'/.exec(code) ?? [];
    expect(brokenReferences(folder, keptFiles(folder, false))).toEqual([`lib/index.js: ${target}`]);
  });

  it('is nothing where a reference finds what is kept, or was broken before', () => {
    write({
      ...RUN,
      'lib/index.js': "require('./data'); require('./gone'); /** @type {import('./x.ts')} */ require('..')",
    });
    write({ 'lib/x.ts': '' });
    expect(brokenReferences(folder, keptFiles(folder, false))).toEqual([]);
  });

  it('holds entry points that Node takes, and not those of others', () => {
    const targets = { browser: './browser/a.js', node: { require: './iife/n.js' }, default: './browser/d.js' };
    write({ 'package.json': JSON.stringify({ main: 'browser/main.js', exports: { '.': targets } }) });
    write({ 'browser/a.js': '', 'browser/d.js': '', 'browser/main.js': '', 'iife/n.js': '' });
    expect(lostEntries(folder, keptFiles(folder, false))).toEqual(['browser/main.js', 'iife/n.js']);
  });
});
