import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';

import { finished, start, temporaryFolder, tinyModel } from './command-line.js';

const { folder: model } = tinyModel('bert-mean');

/** Starts `isovec serve` on a free port; gives its address as soon as it is printed. */
async function serve(home: string, flags: readonly string[] = []) {
  const child = start(['serve', model, '--port', '0', '--json', ...flags], { environment: { ISOVEC_HOME: home } });
  const end = finished(child);
  const [line] = (await once(createInterface({ input: child.stdout }), 'line')) as [string];
  const { url } = z.object({ event: z.literal('ready'), url: z.url() }).parse(JSON.parse(line));
  return { child, end, url };
}

describe('isovec serve', () => {
  it('answers, and on SIGTERM ends with 0 when everything is answered that was accepted', async () => {
    await using home = await temporaryFolder();
    const { child, end, url } = await serve(home.path);
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
    const { child, end, url } = await serve(home.path, ['--api-key-file', keys]);
    expect((await fetch(`${url}/v1/models`)).status).toBe(401);
    expect((await fetch(`${url}/v1/models`, { headers: { authorization: 'Bearer other-key' } })).status).toBe(200);
    child.kill('SIGINT');
    expect((await end).code).toBe(0);
  });

  it.each<[string, readonly string[], string]>([
    ['a port that is none', ['--port', '70000'], '65535'],
    ['a file of keys that is not there', ['--api-key-file', '/nowhere/keys'], 'keys'],
    ['others who could reach it without a key', ['--host', '0.0.0.0', '--port', '0'], 'API keys'],
  ])('refuses %s', async (_, flags, word) => {
    await using home = await temporaryFolder();
    const child = start(['serve', model, ...flags], { environment: { ISOVEC_HOME: home.path } });
    const { code, stderr } = await finished(child);
    expect(code).toBe(2);
    expect(stderr).toContain(word);
  });
});
