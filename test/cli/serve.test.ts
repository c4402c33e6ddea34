import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';

import { SECRET, sendSecrets } from '../server/support/secrets.js';
import { finished, jsonLines, start, temporaryFolder, tinyModel } from './command-line.js';
import { serve } from './serving.js';

const { folder: model } = tinyModel('bert-mean');

describe('isovec serve', () => {
  it('answers, and on SIGTERM ends with 0 when everything is answered that was accepted', async () => {
    await using home = await temporaryFolder();
    const { child, end, url } = await serve(home.path, [model]);
    const models = z.object({ data: z.array(z.object({ id: z.string() })) });
    const { data } = models.parse(await (await fetch(`${url}/v1/models`)).json());
    expect(data.map(({ id }) => id)).toEqual([model]);
    const body = JSON.stringify({ texts: new Array(1000).fill('the river rose over the harbour') });
    const open = fetch(`${url}/embed`, { method: 'POST', headers: { 'content-type': 'application/json' }, body });
    await new Promise((resolve) => setTimeout(resolve, 50));
    child.kill('SIGTERM');
    expect((await open).status).toBe(200);
    const { code, signal } = await end;
    expect([code, signal]).toEqual([0, null]);
    await expect(fetch(`${url}/health`)).rejects.toThrow();
  });

  it('reads keys from a file', async () => {
    await using home = await temporaryFolder();
    const keys = path.join(home.path, 'keys');
    await writeFile(keys, 'one-key\n\nother-key\n');
    const { child, end, url } = await serve(home.path, [model, '--api-key-file', keys]);
    expect((await fetch(`${url}/v1/models`)).status).toBe(401);
    expect((await fetch(`${url}/v1/models`, { headers: { authorization: 'Bearer other-key' } })).status).toBe(200);
    child.kill('SIGINT');
    expect((await end).code).toBe(0);
  });

  it('writes a log of JSON lines that holds every request, and nothing of what it said', async () => {
    await using home = await temporaryFolder();
    const keys = path.join(home.path, 'keys');
    await writeFile(keys, 'right-key\n');
    const { child, end, url } = await serve(home.path, [model, '--api-key-file', keys], { ISOVEC_LOG_LEVEL: 'debug' });
    const statuses = await sendSecrets(url, 'right-key');
    child.kill('SIGTERM');
    const { code, stderr, text } = await end;
    expect(code).toBe(0);
    expect(text + stderr).not.toMatch(new RegExp(`${SECRET}|right-key`));
    const lines = jsonLines(stderr);
    for (const { time, level, msg } of lines) {
      expect(new Date(String(time)).toISOString()).toBe(time);
      expect(['info', 'warn', 'debug']).toContain(level);
      expect(msg).toBeTypeOf('string');
    }
    expect(lines[0]).toMatchObject({ msg: 'serving', url, model, provider: 'onnx', dimensions: 32 });
    const requests = lines.filter(({ msg }) => msg === 'request');
    expect(requests.map(({ status }) => status)).toEqual(statuses);
    expect(lines.at(-1)).toMatchObject({ level: 'info', msg: 'ended' });
  });

  it.each([
    [[], ['serving', 'ending: no new work is taken', 'ended']],
    [['--quiet'], []],
    [['--log-level', 'silent'], []],
    [
      ['--quiet', '--log-level', 'info'],
      ['serving', 'ending: no new work is taken', 'ended'],
    ],
  ])('with %j tells %j of a life with a request', async (flags, expected) => {
    await using home = await temporaryFolder();
    const { child, end, url } = await serve(home.path, [model, ...flags]);
    expect((await fetch(`${url}/embed`, { method: 'POST', body: '{' })).status).toBe(415);
    child.kill('SIGTERM');
    expect(jsonLines((await end).stderr).map(({ msg }) => msg)).toEqual(expected);
  });

  it.each<[string, readonly string[], string]>([
    ['a port that is none', ['--port', '70000'], '65535'],
    ['a file of keys that is not there', ['--api-key-file', '/nowhere/keys'], 'keys'],
    ['a level that is none', ['--log-level', 'loud'], 'silent, error, warn, info, debug'],
    ['others who could reach it without a key', ['--host', '0.0.0.0', '--port', '0'], 'API keys'],
  ])('refuses %s', async (_, flags, word) => {
    await using home = await temporaryFolder();
    const child = start(['serve', model, ...flags], { environment: { ISOVEC_HOME: home.path } });
    const { code, stderr } = await finished(child);
    expect(code).toBe(2);
    expect(stderr).toContain(word);
  });
});

describe('isovec serve --with-memory', () => {
  const post = async (url: string, route: string, body: object): Promise<unknown> => {
    const headers = { 'content-type': 'application/json' };
    return (await fetch(`${url}/memory/${route}`, { method: 'POST', headers, body: JSON.stringify(body) })).json();
  };

  it('makes the file, keeps it for the next server, which takes its model, and for the other commands', async () => {
    await using home = await temporaryFolder();
    const store = path.join(home.path, 'notes', 'memory.db');
    const first = await serve(home.path, [model, '--with-memory', '--store', store]);
    await post(first.url, 'remember', { memories: [{ content: 'boats leave at dawn', id: 'boats' }] });
    first.child.kill('SIGTERM');
    expect((await first.end).code).toBe(0);
    const second = await serve(home.path, ['--with-memory'], { ISOVEC_MEMORY: store });
    expect(await post(second.url, 'recall', { query: 'boats leave at dawn' })).toMatchObject({
      core: [{ memory: { id: 'boats' } }],
    });
    const listed = await finished(
      start(['memory', 'list', '--store', store], { environment: { ISOVEC_HOME: home.path } }),
    );
    expect(listed.text).toContain('boats leave at dawn');
    second.child.kill('SIGTERM');
    expect((await second.end).code).toBe(0);
  });

  it('does not start with a model that gives other vectors, nor take a file that nothing would use', async () => {
    await using home = await temporaryFolder();
    const store = path.join(home.path, 'memory.db');
    const first = await serve(home.path, [model, '--with-memory', '--store', store]);
    first.child.kill('SIGTERM');
    await first.end;
    const { folder: other } = tinyModel('bert-cls');
    await expect(serve(home.path, [other, '--with-memory', '--store', store])).rejects.toThrow('SPACE_MISMATCH');
    await expect(serve(home.path, [model, '--store', store])).rejects.toThrow('--store is for --with-memory');
    // A setting for all commands is none for this one.
    const plain = await serve(home.path, [model], { ISOVEC_MEMORY: store });
    expect((await fetch(`${plain.url}/memory/status`)).status).toBe(404);
    plain.child.kill('SIGTERM');
    expect((await plain.end).code).toBe(0);
  });
});
