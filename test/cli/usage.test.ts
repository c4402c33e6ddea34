import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';

import { EXIT_CODES, EXIT_MEANINGS } from '#src/cli/exit-codes.js';
import { createProgram } from '#src/cli/program.js';
import { ERROR_TABLE } from '#src/shared/error-table.js';
import { jsonLines, run } from './command-line.js';

const ROOT = path.resolve(import.meta.dirname, '../..');
const program = createProgram(() => Promise.resolve());
const COMMANDS = program.commands.flatMap((command) =>
  command.commands.length === 0
    ? [[command.name()]]
    : [[command.name()], ...command.commands.map((inner) => [command.name(), inner.name()])],
);

describe('exit statuses', () => {
  it('give each error code one status, and each status a meaning', () => {
    expect(Object.keys(EXIT_CODES).sort()).toEqual(Object.keys(ERROR_TABLE).sort());
    const used = new Set<number>(Object.values(EXIT_CODES));
    const known = Object.keys(EXIT_MEANINGS).map(Number);
    expect([...used].filter((code) => !known.includes(code))).toEqual([]);
    // 0 is no error, 5 and 6 are verdicts.
    expect(known.filter((code) => !used.has(code))).toEqual([0, 5, 6]);
  });

  it('stand in the help and in the reference', async () => {
    const { text } = await run(['--help']);
    const reference = readFileSync(path.join(ROOT, 'docs/reference/cli.md'), 'utf8');
    for (const [code, meaning] of Object.entries(EXIT_MEANINGS)) {
      expect(text).toContain(`${code}  ${meaning}`);
      expect(reference).toContain(meaning);
    }
    for (const code of Object.keys(ERROR_TABLE)) expect(reference).toContain(`\`${code}\``);
  });
});

describe('help', () => {
  it.each([[[]], ...COMMANDS.map((command) => [command])])(
    'of %j goes to stdout and fits 80 columns',
    async (command) => {
      const { code, text, stderr } = await run([...command, '--help']);
      expect([code, stderr]).toEqual([0, '']);
      expect(text).toMatch(/^Usage: isovec/);
      for (const line of text.split('\n')) expect(line.length, line).toBeLessThanOrEqual(80);
    },
  );

  it('is stored as the commands themselves print it', async () => {
    for (const [name] of COMMANDS.filter((command) => command.length === 1)) {
      const stored = await run([name ?? '', '--help']);
      expect((await run(['help', name ?? ''])).text).toBe(stored.text);
    }
  });

  /** Commands that do nothing themselves. */
  const GROUPS = ['models', 'bridge', 'memory'];

  it('shows examples for every command that does something', async () => {
    for (const command of COMMANDS.filter(([name = '', inner]) => !GROUPS.includes(name) || inner !== undefined)) {
      expect((await run([...command, '--help'])).text).toMatch(/Examples:\n {2}\$ .*isovec /);
    }
  });

  it('loads neither engine nor parsers nor colours', async () => {
    // A hook that names every module that is loaded.
    const hook =
      'export async function load(url, context, next) { process._rawDebug(url); return next(url, context); }';
    const register = `import { register } from 'node:module'; register(${JSON.stringify(`data:text/javascript,${encodeURIComponent(hook)}`)});`;
    const node = ['--import', `data:text/javascript,${encodeURIComponent(register)}`];
    const loadedBy = async (args: readonly string[]): Promise<string[]> => {
      const { code, stderr } = await run(args, { node });
      expect(code).toBe(0);
      return stderr.split('\n').flatMap((url) => /\/(?:node_modules|dist)\/(.*)$/.exec(url)?.[1] ?? []);
    };
    expect(await loadedBy(['--help'])).toEqual(['cli/main.js']);
    const loaded = await loadedBy(['help']);
    expect(loaded.filter((file) => !file.startsWith('commander/')).sort()).toEqual([
      'chunks/command-line.js',
      'chunks/engine-start.js',
      'chunks/run-command-line.js',
      'cli/main.js',
    ]);
  });
});

describe('wrong usage', () => {
  it.each([
    [['embde', 'x'], 'embed'],
    [['pull'], "'model'"],
    [['convert', 'x'], '--out'],
    [['models', 'show', 'a', 'b'], 'Expected 1 argument'],
    [['pull', 'org//name'], 'empty part'],
    [['pull', 'org/../name'], "'..'"],
  ])('%j is status 2 with a sentence', async (args, part) => {
    const { code, text, stderr } = await run(args);
    expect(stderr).toContain(part);
    expect(stderr).toMatch(/^isovec: .*\n$/);
    expect([code, text]).toEqual([2, '']);
  });

  it('prints the help of a group of commands to stderr', async () => {
    for (const args of [[], ['models']]) {
      const { code, text, stderr } = await run(args);
      expect([code, text]).toEqual([2, '']);
      expect(stderr).toMatch(/^Usage: isovec/);
    }
  });

  it('is told as JSON where --json is given, and not where it is a text', async () => {
    const [{ error } = {}] = jsonLines((await run(['embed', '--json', '--dimensions', 'x'])).stderr);
    expect(error).toMatchObject({ code: 'CONFIG_INVALID', data: {} });
    expect((await run(['embed', '--dimensions', 'x', '--', '--json'])).stderr).toMatch(/^isovec: /);
  });
});

it('prints the version of the package', async () => {
  const manifest = JSON.parse(readFileSync(path.join(ROOT, 'package.json'), 'utf8')) as { version: string };
  expect((await run(['--version'])).text).toBe(`${manifest.version}\n`);
});
