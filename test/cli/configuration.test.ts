import { mkdir, realpath, symlink, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { Command, InvalidArgumentError, Option } from 'commander';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';

import { checkConfiguration } from '#src/cli/configuration/check-configuration.js';
import { CONFIGURATION_NAME } from '#src/cli/configuration/configuration-file.js';
import { commandName, flagsOf, leafCommands } from '#src/cli/configuration/flag.js';
import { likelyMeant } from '#src/cli/configuration/likely-meant.js';
import { resolveFlags } from '#src/cli/configuration/resolve-flags.js';
import { parseWholeNumber } from '#src/cli/parse-whole-number.js';
import { createProgram } from '#src/cli/program.js';
import { isIsovecError } from '#src/shared/isovec-error.js';
import { configurationSchema } from '../../scripts/configuration-schema.js';
import { jsonLines, run, type RunResult, temporaryFolder, tinyModel } from './command-line.js';

const { folder: model } = tinyModel('bert-mean');

let home: Awaited<ReturnType<typeof temporaryFolder>>;
/** The folder as the system names it, for links on the way to it. */
let root: string;
beforeAll(async () => {
  home = await temporaryFolder();
  root = await realpath(home.path);
});
afterAll(async () => {
  await home[Symbol.asyncDispose]();
});

/** Makes a folder with a configuration file; gives the folder. */
async function folderWith(name: string, configuration: unknown): Promise<string> {
  const folder = path.join(root, name);
  await mkdir(folder, { recursive: true });
  const text = typeof configuration === 'string' ? configuration : JSON.stringify(configuration);
  await writeFile(path.join(folder, CONFIGURATION_NAME), text);
  return folder;
}

/** Words of the environment or the members of a configuration file. */
type Given = Readonly<Record<string, unknown>>;

/** A small command line with a flag of every kind. */
function smallProgram(): { readonly program: Command; readonly embed: Command } {
  const program = new Command('isovec').exitOverride();
  const embed = program
    .command('embed')
    .option('-m, --model <model>', '')
    .option('--dimensions <n>', '', parseWholeNumber)
    .option('--normalize', '')
    .option('--no-header', '')
    .option('--bar', '')
    .option('--no-bar', '')
    .option('--keep <columns...>', '')
    .addOption(new Option('--tag <tag>', '').argParser(collect).default([]))
    .option('--names <list>', '', (text) => text.split(','))
    .option('--size <size>', '', parseSize)
    .option('--report [file]', '')
    .addOption(new Option('--format <format>', '').choices(['npy', 'jsonl']))
    .addOption(new Option('--prompt <text>', '').conflicts('promptName'))
    .option('--prompt-name <name>', '')
    .addOption(new Option('--query', '').conflicts('document'))
    .option('--document', '')
    .option('--cache <folder>', '')
    .option('--config <file>', '')
    .option('--no-config', '')
    .action(() => undefined);
  const models = program.command('models');
  models
    .command('prune')
    .option('--cache <folder>', '')
    .addOption(new Option('--format <format>', '').choices(['table']))
    .action(() => undefined);
  return { program, embed };
}

function collect(value: string, previous: readonly string[]): readonly string[] {
  return [...previous, value];
}

function parseSize(text: string): number {
  const [, digits, unit] = /^(\d+)(kB)?$/.exec(text) ?? [];
  if (digits === undefined) throw new InvalidArgumentError('It must be a size.');
  return Number(digits) * (unit === undefined ? 1 : 1000);
}

/** What the flags of a command line come to. */
async function resolved(args: readonly string[], environment: Given = {}, file?: unknown): Promise<Given> {
  const { program, embed } = smallProgram();
  const folder = file === undefined ? path.join(root, 'none') : await folderWith('resolved', file);
  program.parse(['embed', ...args], { from: 'user' });
  const words = Object.fromEntries(Object.entries(environment).map(([name, value]) => [name, String(value)]));
  resolveFlags(embed, { environment: words, workingFolder: folder, homeFolder: folder });
  return embed.opts();
}

describe('a setting', () => {
  it('comes from the command line, else the environment, else the section, else the top of the file', async () => {
    const environment = { ISOVEC_DIMENSIONS: 2 };
    const file = { dimensions: 4, embed: { dimensions: 3 } };
    expect(await resolved(['--dimensions', '1'], environment, file)).toMatchObject({ dimensions: 1 });
    expect(await resolved([], environment, file)).toMatchObject({ dimensions: 2 });
    expect(await resolved([], { ISOVEC_DIMENSIONS: '' }, file)).toMatchObject({ dimensions: 3 });
    expect(await resolved([], {}, { dimensions: 4, models: {} })).toMatchObject({ dimensions: 4 });
    expect(await resolved([], {}, {})).not.toHaveProperty('dimensions');
  });

  it.each([
    ['1', true],
    ['TRUE', true],
    ['Yes', true],
    ['on', true],
    ['0', undefined],
    ['false', undefined],
    ['NO', undefined],
    ['off', undefined],
    ['', undefined],
  ])('that is a switch is read from %j as %s', async (text, value) => {
    expect((await resolved([], { ISOVEC_NORMALIZE: text }))['normalize']).toBe(value);
  });

  it('that is a switch is off where a place that comes first says so', async () => {
    expect(await resolved([], { ISOVEC_NORMALIZE: '0' }, { normalize: true })).not.toHaveProperty('normalize');
    expect(await resolved([], {}, { normalize: true, embed: { normalize: false } })).not.toHaveProperty('normalize');
    expect(await resolved(['--normalize'], { ISOVEC_NORMALIZE: '0' })).toMatchObject({ normalize: true });
  });

  it('with a --no- flag goes by the name without it', async () => {
    expect(await resolved([])).toMatchObject({ header: true });
    expect(await resolved([], { ISOVEC_HEADER: 'no' })).toMatchObject({ header: false });
    expect(await resolved([], {}, { header: false })).toMatchObject({ header: false });
    expect(await resolved([], { ISOVEC_HEADER: 'yes' }, { header: false })).toMatchObject({ header: true });
    expect(await resolved([], { ISOVEC_BAR: 'off' })).toMatchObject({ bar: false });
    expect(await resolved(['--no-bar'], { ISOVEC_BAR: 'on' })).toMatchObject({ bar: false });
  });

  it('may hold several values, or one, or be a flag that needs none', async () => {
    expect(await resolved([], {}, { keep: ['a', 'b,c'] })).toMatchObject({ keep: ['a', 'b,c'] });
    expect(await resolved([], {}, { keep: 'a' })).toMatchObject({ keep: ['a'] });
    expect(await resolved([], { ISOVEC_KEEP: 'a,b' })).toMatchObject({ keep: ['a,b'] });
    expect(await resolved([], { ISOVEC_KEEP: '["a","b"]' })).toMatchObject({ keep: ['a', 'b'] });
    expect(await resolved(['--keep', 'z'], { ISOVEC_KEEP: 'a' }, { keep: ['b'] })).toMatchObject({ keep: ['z'] });
    expect(await resolved([], {}, { tag: ['x', 'y'] })).toMatchObject({ tag: ['x', 'y'] });
    expect(await resolved([], { ISOVEC_TAG: '["x","y"]' })).toMatchObject({ tag: ['x', 'y'] });
    expect(await resolved([], {}, { names: 'a,b' })).toMatchObject({ names: ['a', 'b'] });
    expect(await resolved([], {}, { report: true })).toMatchObject({ report: true });
    expect(await resolved([], { ISOVEC_REPORT: 'r.md' })).toMatchObject({ report: 'r.md' });
    expect(await resolved([], {}, { size: 12 })).toMatchObject({ size: 12 });
    expect(await resolved([], {}, { size: '12kB' })).toMatchObject({ size: 12_000 });
  });

  it('of a file that is a place is one beside the file', async () => {
    const folder = path.join(root, 'resolved');
    expect(await resolved([], {}, { cache: 'here', report: '-' })).toMatchObject({
      cache: path.join(folder, 'here'),
      report: '-',
    });
    expect(await resolved([], {}, { model: '../m' })).toMatchObject({ model: path.join(root, 'm') });
    expect(await resolved([], {}, { model: 'org/name' })).toMatchObject({ model: 'org/name' });
    expect(await resolved([], { ISOVEC_HOME: 'here' })).toMatchObject({ cache: 'here' });
  });

  it('gives way to one that excludes it and comes first', async () => {
    expect(await resolved(['--query'], { ISOVEC_DOCUMENT: 1 }, { document: true })).not.toHaveProperty('document');
    const byVariable = await resolved(
      [],
      { ISOVEC_DOCUMENT: 1 },
      { query: true, prompt: 'p', embed: { promptName: 'n' } },
    );
    expect(byVariable).toMatchObject({ document: true, promptName: 'n' });
    expect(byVariable).not.toHaveProperty('query');
    expect(byVariable).not.toHaveProperty('prompt');
    // What is off excludes nothing.
    expect(await resolved([], { ISOVEC_QUERY: 0 }, { document: true })).toMatchObject({ document: true });
    await expect(resolved([], { ISOVEC_QUERY: 1, ISOVEC_DOCUMENT: 1 })).rejects.toMatchObject({
      code: 'CONFIG_INVALID',
      message: expect.stringMatching(
        /ISOVEC_(QUERY|DOCUMENT) and ISOVEC_(QUERY|DOCUMENT) exclude each other/,
      ) as string,
    });
    await expect(resolved([], {}, { embed: { prompt: 'p', promptName: 'n' } })).rejects.toMatchObject({
      code: 'CONFIG_INVALID',
      message: expect.stringContaining('"embed.prompt"') as string,
    });
  });

  it.each([
    [{ ISOVEC_NORMALIZE: 'maybe' }, 'ISOVEC_NORMALIZE', '1, true, yes or on'],
    [{ ISOVEC_DIMENSIONS: '12x' }, 'ISOVEC_DIMENSIONS', 'whole number of at least 1'],
    [{ ISOVEC_FORMAT: 'xml' }, 'ISOVEC_FORMAT', 'npy, jsonl'],
    [{ ISOVEC_KEEP: '[1]' }, 'ISOVEC_KEEP', 'JSON list'],
  ])('in the environment that is wrong, %j, is named with its rule', async (environment, name, rule) => {
    const failure = await resolved([], environment).catch((error: unknown) => error);
    expect(isIsovecError(failure, 'CONFIG_INVALID') && failure.message).toContain(name);
    expect(isIsovecError(failure) && failure.message).toContain(rule);
  });
});

describe('a configuration file that is wrong', () => {
  it.each([
    [{ dimension: 3 }, '"dimension"', 'Did you mean "dimensions"?'],
    [{ embed: { promtName: 'x' } }, '"embed.promtName"', 'Did you mean "promptName"?'],
    [{ emebd: {} }, '"emebd"', 'Did you mean "embed"?'],
    [{ models: { prnue: {} } }, '"models.prnue"', 'Did you mean "prune"?'],
    [{ models: { dimensions: 3 } }, '"models.dimensions"', 'neither a flag of isovec models nor a command'],
    [{ xyzzy: 1 }, '"xyzzy"', "'isovec --help'"],
    [{ config: 'x' }, '"config"', 'neither a flag'],
    [{ constructor: 'x' }, '"constructor"', 'neither a flag'],
    ['{"__proto__": {"normalize": true}}', '"__proto__"', 'neither a flag'],
    [{ $schema: 1 }, '"$schema"', 'must be a text'],
    [{ embed: true }, '"embed"', 'must be an object'],
    [{ embed: null }, '"embed"', 'must be an object'],
    [{ dimensions: 0 }, '"dimensions"', 'whole number of at least 1'],
    [{ dimensions: '3' }, '"dimensions"', 'without quotes'],
    [{ dimensions: [3] }, '"dimensions"', 'not a list'],
    [{ names: ['a', 'b,c'] }, '"names"', 'not a list'],
    [{ model: 3 }, '"model"', 'in quotes'],
    [{ model: null }, '"model"', 'not null'],
    [{ model: true }, '"model"', 'not a boolean'],
    [{ normalize: 'yes' }, '"normalize"', 'true or false'],
    [{ normalize: 1 }, '"normalize"', 'true or false'],
    [{ keep: [['a']] }, '"keep"', 'not a list'],
    [{ embed: { format: 'xml' } }, '"embed.format"', 'npy, jsonl'],
    [{ models: { prune: { format: 'npy' } } }, '"models.prune.format"', 'table'],
    // Right for another command, but not for the one that runs.
    [{ format: 'table' }, '"format"', 'npy, jsonl'],
    ['{"dimensions": 3,}', CONFIGURATION_NAME, 'not valid JSON'],
    ['[]', CONFIGURATION_NAME, 'must hold a JSON object'],
    ['', CONFIGURATION_NAME, 'is empty'],
  ])('%j is refused, naming file, key and rule', async (file, name, rule) => {
    const failure = await resolved([], {}, file).catch((error: unknown) => error);
    const message = isIsovecError(failure, 'CONFIG_INVALID') ? failure.message : '';
    for (const part of [path.join(root, 'resolved', CONFIGURATION_NAME), name, rule]) expect(message).toContain(part);
  });

  it('is right where only other commands take its values', async () => {
    const { program } = smallProgram();
    const file = { path: '/x', values: { format: 'table', embed: { format: 'npy' }, models: { cache: 'c' } } };
    expect(() => {
      checkConfiguration(file, program);
    }).not.toThrow();
    expect(await resolved([], {}, { models: { prune: { cache: 'c' } } })).not.toHaveProperty('cache');
  });
});

describe('likely meant words', () => {
  it.each([
    ['treads', 'threads'],
    ['thraeds', 'threads'],
    ['Threads', 'threads'],
    ['zzz', undefined],
    ['', undefined],
  ])('for %j are %j', (word, meant) => {
    expect(likelyMeant(word, ['threads', 'model', 'dimensions'])).toBe(meant);
  });
});

/** Runs the command line in a folder, with a home folder of its own. */
function isovec(args: readonly string[], cwd: string, environment: Given = {}): Promise<RunResult> {
  const words = Object.fromEntries(Object.entries(environment).map(([name, value]) => [name, String(value)]));
  return run(args, { cwd, environment: { HOME: root, XDG_CACHE_HOME: path.join(root, 'cache'), ...words } });
}

/** Length of the vector that `isovec embed` gives. */
async function dimensions(cwd: string, args: readonly string[] = [], environment: Given = {}): Promise<unknown> {
  const { text, stderr } = await isovec(['embed', '--quiet', ...args, '--', 'a text'], cwd, environment);
  expect(stderr).toBe('');
  const [{ vector } = {}] = jsonLines(text);
  return Array.isArray(vector) ? vector.length : vector;
}

describe('isovec.config.json', () => {
  it('is looked for from the working folder upwards, and --config and --no-config overrule that', async () => {
    const outer = await folderWith('outer', { model, dimensions: 8 });
    const inner = await folderWith('outer/inner', { model, dimensions: 4 });
    const deep = path.join(inner, 'a', 'b');
    await mkdir(deep, { recursive: true });
    expect(await dimensions(outer)).toBe(8);
    expect(await dimensions(deep)).toBe(4);
    const other = path.join(outer, CONFIGURATION_NAME);
    expect(await dimensions(deep, ['--config', other])).toBe(8);
    expect(await dimensions(deep, [], { ISOVEC_CONFIG: other })).toBe(8);
    expect(await dimensions(deep, ['--config', '../../' + CONFIGURATION_NAME], { ISOVEC_CONFIG: other })).toBe(4);
    expect(await dimensions(deep, ['--no-config'], { ISOVEC_MODEL: model, ISOVEC_CONFIG: other })).toBe(32);
    expect(await dimensions(deep, ['--dimensions', '2'])).toBe(2);
    expect(await dimensions(deep, [], { ISOVEC_DIMENSIONS: 3 })).toBe(3);
  });

  it('is not looked for above the home folder', async () => {
    const above = await folderWith('above', { unknown: true });
    const inside = path.join(above, 'person', 'work');
    await mkdir(inside, { recursive: true });
    const person = path.dirname(inside);
    expect((await isovec(['models', 'list'], inside, { HOME: person })).code).toBe(0);
    expect((await isovec(['models', 'list'], inside)).stderr).toContain('"unknown"');
  });

  it('may hold what a command cannot do without, with places beside the file', async () => {
    const folder = await folderWith('convert', { convert: { out: 'written', opset: 20 }, json: true });
    const below = path.join(folder, 'below');
    await mkdir(below);
    const { code, text } = await isovec(['convert', model], below);
    expect(code).toBe(0);
    expect(jsonLines(text)).toMatchObject([{ folder: path.join(folder, 'written'), opset: 20 }]);
  });

  it('that is wrong fails the command, as JSON where that is asked for, and leaves the help alone', async () => {
    const folder = await folderWith('wrong', { json: true, treads: 2 });
    const { code, text, stderr } = await isovec(['models', 'list'], folder, { ISOVEC_JSON: 'on' });
    expect([code, text]).toEqual([2, '']);
    expect(jsonLines(stderr)).toMatchObject([
      { error: { code: 'CONFIG_INVALID', data: { file: path.join(folder, CONFIGURATION_NAME), key: 'treads' } } },
    ]);
    expect((await isovec(['embed', '--help'], folder)).code).toBe(0);
    expect((await isovec(['models', 'list', '--no-config'], folder)).code).toBe(0);
  });

  it('asks for errors as JSON, too', async () => {
    const folder = await folderWith('json', { json: true });
    const { stderr } = await isovec(['pull', 'org//name'], folder);
    expect(jsonLines(stderr)).toMatchObject([{ error: { code: 'CONFIG_INVALID' } }]);
  });

  it.each([
    ['missing.json', 'does not exist'],
    ['.', 'is not a file'],
    ['loop.json', 'cannot be read (ELOOP)'],
  ])('named %s that cannot be read is refused', async (name, rule) => {
    await symlink('loop.json', path.join(root, 'loop.json')).catch(() => undefined);
    const { code, stderr } = await isovec(['models', 'list', '--config', name], root);
    expect([code, stderr]).toEqual([2, expect.stringContaining(rule)]);
  });

  it('is told by isovec doctor, and so are variables that nothing reads', async () => {
    const folder = await folderWith('doctor', { threads: 2 });
    const environment = { ISOVEC_TREADS: 2, ISOVEC_THREADS: 3, ISOVEC_OFFLINE: 1 };
    const [{ findings } = {}] = jsonLines((await isovec(['doctor', '--json'], folder, environment)).text);
    expect(findings).toEqual(
      expect.arrayContaining([
        expect.objectContaining({ name: 'configuration', detail: `${folder}/${CONFIGURATION_NAME} (threads)` }),
        expect.objectContaining({ name: 'ISOVEC_TREADS', status: 'warn', wayOut: 'Did you mean ISOVEC_THREADS?' }),
        expect.objectContaining({ name: 'ISOVEC_THREADS', status: 'ok' }),
      ]),
    );
  });
});

describe('the commands', () => {
  const program = createProgram(() => Promise.resolve());
  const leaves = leafCommands(program).filter((command) => command.name() !== 'completion');

  it('all take --config and --no-config, and no flag has the name of a command', () => {
    const names = new Set(
      program.commands.flatMap((command) => [command, ...command.commands]).map((one) => one.name()),
    );
    for (const command of leaves) {
      const long = command.options.map((option) => option.long);
      expect(long, command.name()).toEqual(expect.arrayContaining(['--config', '--no-config', '--json', '--timing']));
      expect([...flagsOf(command).keys()].filter((key) => names.has(key))).toEqual([]);
    }
  });

  it('have one variable for each key', () => {
    const variables = new Map(
      leaves.flatMap((command) => [...flagsOf(command).values()].map((flag) => [flag.key, flag.variable])),
    );
    expect(new Set(variables.values()).size).toBe(variables.size);
    expect(variables.get('cache')).toBe('ISOVEC_HOME');
    expect(variables.get('promptName')).toBe('ISOVEC_PROMPT_NAME');
    expect([...variables.values()].every((name) => /^ISOVEC_[A-Z_]+$/.test(name))).toBe(true);
  });

  it('and the schema agree on what a configuration may hold', () => {
    const schema = z.fromJSONSchema(configurationSchema());
    const values = [true, false, 1, 0, 1.5, -1, '1', 'x', '', 'npy', null, [], ['a'], {}];
    let accepted = 0;
    for (const command of leaves) {
      const path = commandName(command).split(' ');
      for (const key of [...flagsOf(command).keys(), 'unknown']) {
        for (const value of values) {
          const document = path.reduceRight<Given>((inner, name) => ({ [name]: inner }), { [key]: value });
          const file = { path: '/isovec.config.json', values: document };
          const checks = !throws(() => {
            checkConfiguration(file, program);
          });
          // A parser may ask more of a text than a schema can say.
          const comparable = checks || typeof value !== 'string';
          if (comparable) expect(schema.safeParse(document).success, JSON.stringify(document)).toBe(checks);
          if (checks) accepted++;
        }
      }
    }
    expect(accepted).toBeGreaterThan(100);
  });
});

function throws(action: () => void): boolean {
  try {
    action();
    return false;
  } catch {
    return true;
  }
}
