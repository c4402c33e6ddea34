import { spawn } from 'node:child_process';
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { expect, it, onTestFinished } from 'vitest';
import { z } from 'zod';

import { CONFIGURATION_NAME } from '#src/cli/configuration/configuration-file.js';
import { schemaAddress } from '#src/cli/init/schema-address.js';
import { configurationSchema } from '../../scripts/configuration-schema.js';
import { jsonLines, run, type RunResult, temporaryFolder, tinyModel } from './command-line.js';

const ROOT = path.resolve(import.meta.dirname, '../..');
const { folder: MODEL, texts } = tinyModel('bert-mean');

/** `isovec` in a folder of its own. */
async function withFolder() {
  const folder = await temporaryFolder();
  onTestFinished(() => folder[Symbol.asyncDispose]());
  const isovec = (args: readonly string[], environment: Readonly<Record<string, string>> = {}): Promise<RunResult> =>
    run(args, {
      cwd: folder.path,
      environment: { HOME: folder.path, ISOVEC_HOME: path.join(folder.path, 'home'), ...environment },
    });
  const written = async (inner = ''): Promise<Record<string, unknown>> =>
    z
      .record(z.string(), z.unknown())
      .parse(JSON.parse(await readFile(path.join(folder.path, inner, CONFIGURATION_NAME), 'utf8')));
  return { folder: folder.path, isovec, written };
}

it('writes a file with the schema, asks nothing without a terminal, and says what it wrote', async () => {
  const { folder, isovec, written } = await withFolder();
  // Settings that hold here already are not those of the file.
  const { code, text, stderr } = await isovec(['init'], { ISOVEC_MODEL: MODEL, ISOVEC_THREADS: '2' });
  expect([code, stderr]).toEqual([0, '']);
  expect(text).toContain(`Wrote ${path.join(folder, CONFIGURATION_NAME)}`);
  expect(text).toContain('model = "sentence-transformers/all-MiniLM-L6-v2"');
  expect(await written()).toEqual({
    $schema: pathToFileURL(path.join(ROOT, 'data/isovec.config.schema.json')).href,
    model: 'sentence-transformers/all-MiniLM-L6-v2',
    dtype: 'float32',
  });
  expect((await readdir(folder)).filter((name) => name.endsWith('.tmp'))).toEqual([]);
});

it('writes what its flags say, which the schema allows and other commands then do', async () => {
  const { isovec, written, folder } = await withFolder();
  await mkdir(path.join(folder, 'inner'));
  const flags = [
    '--model',
    MODEL,
    '--threads',
    '1',
    '--offline',
    '--cache',
    'models',
    '--host',
    '0.0.0.0',
    '--port',
    '0',
  ];
  const { code, text } = await isovec(['init', 'inner', ...flags, '--api-key-file', 'inner/keys', '--json']);
  expect(code).toBe(0);
  const values = await written('inner');
  expect(jsonLines(text)).toEqual([{ file: path.join(folder, 'inner', CONFIGURATION_NAME), values }]);
  expect(values).toEqual({
    $schema: expect.any(String) as unknown,
    model: MODEL,
    dtype: 'float32',
    threads: 1,
    offline: true,
    cache: '../models',
    serve: { host: '0.0.0.0', port: 0, apiKeyFile: './keys' },
  });
  expect(z.fromJSONSchema(configurationSchema()).safeParse(values).success).toBe(true);
  const embedded = await run(['embed', '--json', '-q', texts[0] ?? ''], { cwd: path.join(folder, 'inner') });
  expect([embedded.code, jsonLines(embedded.text)]).toEqual([0, [expect.objectContaining({ index: 0 })]]);
  expect(await readdir(folder)).toContain('models');
});

it('replaces nothing without --force', async () => {
  const { isovec, written, folder } = await withFolder();
  await writeFile(path.join(folder, CONFIGURATION_NAME), '{ "threads": 3 }');
  const refused = await isovec(['init']);
  expect([refused.code, refused.stderr]).toEqual([2, expect.stringContaining('--force')]);
  expect(await written()).toEqual({ threads: 3 });
  expect(await isovec(['init', '--force', '--dtype', 'int8'])).toMatchObject({ code: 0 });
  expect(await written()).toMatchObject({ dtype: 'int8' });
  expect(await written()).not.toHaveProperty('threads');
});

it.each([
  [['--store', 'postgresql://me:secret@db/app'], 'ISOVEC_MEMORY_PASSWORD_FILE'],
  [['no/such/folder'], 'no/such/folder'],
  [['--dtype', 'float64'], 'float64'],
])('%j is refused, and nothing is written', async (args, words) => {
  const { isovec, folder } = await withFolder();
  const { code, stderr } = await isovec(['init', ...args]);
  expect([code, stderr.replaceAll(/\s+/g, ' ')]).toEqual([2, expect.stringContaining(words)]);
  expect(stderr).not.toContain('secret');
  expect(await readdir(folder)).not.toContain(CONFIGURATION_NAME);
});

it('asks at a terminal for what no flag says, until it is a kind of weights', async () => {
  const { folder, written } = await withFolder();
  // util-linux's `script` gives the command a terminal.
  const command = `"${process.execPath}" "${path.join(ROOT, 'dist/cli/main.js')}" init`;
  const child = spawn('script', ['--quiet', '--return', '--command', command, '/dev/null'], { cwd: folder });
  let shown = '';
  // A model, a kind of weights that there is not, and one that there is.
  const answers = [MODEL, 'float64', 'int8'];
  child.stdout.setEncoding('utf8').on('data', (part: string) => {
    shown += part;
    const asked = shown.split(/\[[^\]]*(?:L6-v2|float32)\]: /).length - 1;
    if (asked > 3 - answers.length) child.stdin.write(`${answers.shift() ?? ''}\n`);
  });
  const code = await new Promise((resolve) => child.once('close', resolve));
  expect(code, shown).toBe(0);
  expect(await written()).toMatchObject({ model: MODEL, dtype: 'int8' });
});

it('names the schema by a path where it is below the folder', () => {
  expect(schemaAddress('/app', '/app/node_modules/isovec/data/s.json')).toBe('./node_modules/isovec/data/s.json');
  expect(schemaAddress('/app/inner', '/app/node_modules/isovec/data/s.json')).toMatch(/^file:\/\/\//);
});
