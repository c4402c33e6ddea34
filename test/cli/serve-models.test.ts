import { mkdir, symlink, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';

import { finished, start, temporaryFolder, tinyModel } from './command-line.js';
import { serve } from './serving.js';

const { folder: model } = tinyModel('bert-mean');
const { folder: other } = tinyModel('bert-cls');

/** A folder with a list of models, beside two of them. */
async function listOf(home: string, list: unknown): Promise<string> {
  const folder = path.join(home, 'lists');
  await mkdir(folder, { recursive: true });
  await symlink(model, path.join(folder, 'one')).catch(() => undefined);
  await symlink(other, path.join(folder, 'two')).catch(() => undefined);
  const file = path.join(folder, 'models.json');
  await writeFile(file, typeof list === 'string' ? list : JSON.stringify(list));
  return file;
}

const info = z.object({ model_id: z.string(), models: z.array(z.string()), model_type: z.object({}).loose() });
const health = z.object({ models: z.array(z.object({ id: z.string(), status: z.string(), workers: z.number() })) });

describe('a list of models', () => {
  it('is served, each under its name; a lazy one is loaded by the first request for it', async () => {
    await using home = await temporaryFolder();
    const models = [
      { model: './one', name: 'first', threads: 1 },
      { model: './two', name: 'late', lazy: true },
    ];
    const file = await listOf(home.path, { models });
    const { child, end, url } = await serve(home.path, ['--models-file', file, '--threads', '3']);
    const states = async () => health.parse(await (await fetch(`${url}/health`)).json()).models;
    expect(await states()).toEqual([
      { id: 'first', status: 'ok', workers: 1 },
      { id: 'late', status: 'unloaded', workers: 0 },
    ]);
    expect(info.parse(await (await fetch(`${url}/info`)).json())).toMatchObject({
      model_id: 'first',
      models: ['first', 'late'],
    });
    const embed = async (name: string) =>
      z.object({ model: z.string(), embeddings: z.array(z.array(z.number())) }).parse(
        await (
          await fetch(`${url}/embed`, {
            method: 'POST',
            headers: { 'content-type': 'application/json' },
            body: JSON.stringify({ texts: ['the river rose'], model: name }),
          })
        ).json(),
      );
    const answers = await Promise.all([embed('first'), embed('late'), embed('late')]);
    expect(answers.map((answer) => answer.model)).toEqual(['first', 'late', 'late']);
    expect(answers[1].embeddings).toEqual(answers[2].embeddings);
    expect(answers[1].embeddings).not.toEqual(answers[0].embeddings);
    // It gets what the other leaves of the threads.
    expect((await states())[1]).toEqual({ id: 'late', status: 'ok', workers: 2 });
    child.kill('SIGTERM');
    expect((await end).code).toBe(0);
  });

  it.each<[string, unknown, string]>([
    ['that is no JSON', '{"models": [', 'cannot be read'],
    ['without models', { models: [] }, 'models'],
    ['with an unknown key', { models: [{ model: './one', dtypes: 'int8' }] }, 'models.0'],
    ['with a number of threads that is none', { models: [{ model: './one', threads: 0 }] }, 'models.0.threads'],
    ['with a model that is not there', { models: [{ model: './three', lazy: true }] }, 'three'],
    [
      'with two of one name',
      {
        models: [
          { model: './one', name: 'a' },
          { model: './two', name: 'a' },
        ],
      },
      'called a',
    ],
  ])('%s is refused before anything is served', async (_, list, word) => {
    await using home = await temporaryFolder();
    const file = await listOf(home.path, list);
    const child = start(['serve', '--models-file', file, '--port', '0'], { environment: { ISOVEC_HOME: home.path } });
    const { code, stdout, stderr } = await finished(child);
    expect([code === 0, String(stdout)]).toEqual([false, '']);
    expect(stderr).toContain(word);
  });

  it('and models on the command line exclude each other', async () => {
    await using home = await temporaryFolder();
    const file = await listOf(home.path, { models: [{ model: './one' }] });
    const child = start(['serve', model, '--models-file', file], { environment: { ISOVEC_HOME: home.path } });
    const { code, stderr } = await finished(child);
    expect(code).toBe(2);
    expect(stderr).toContain('not in both');
  });
});

describe('secrets of a server', () => {
  it('come from the environment, too', async () => {
    await using home = await temporaryFolder();
    const { child, end, url } = await serve(home.path, [model], { ISOVEC_API_KEYS: 'one-key, other-key' });
    expect((await fetch(`${url}/info`)).status).toBe(401);
    expect((await fetch(`${url}/info`, { headers: { 'x-api-key': 'other-key' } })).status).toBe(200);
    child.kill('SIGTERM');
    expect((await end).code).toBe(0);
  });

  it('of TLS are a certificate and its key', async () => {
    await using home = await temporaryFolder();
    const cert = path.resolve(import.meta.dirname, '../fixtures/tls/cert.pem');
    for (const [flags, word] of [
      [['--tls-cert', cert], '--tls-key'],
      [['--tls-cert', cert, '--tls-key', '/nowhere/key'], 'private key'],
      [['--tls-cert', cert, '--tls-key', cert], 'key'],
    ] as const) {
      const child = start(['serve', model, '--port', '0', ...flags], { environment: { ISOVEC_HOME: home.path } });
      const { code, stderr } = await finished(child);
      expect([code, stderr.includes(word)], stderr).toEqual([2, true]);
    }
  });
});
