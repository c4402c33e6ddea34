import { once } from 'node:events';
import { readdir, readFile } from 'node:fs/promises';
import type { IncomingMessage } from 'node:http';
import { request } from 'node:https';
import path from 'node:path';
import { createInterface } from 'node:readline';

import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StdioClientTransport } from '@modelcontextprotocol/sdk/client/stdio.js';
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import { expect, it, onTestFinished } from 'vitest';
import { z } from 'zod';

import { finished, MAIN, run, start, temporaryFolder, tinyModel } from './command-line.js';

const { folder: model } = tinyModel('bert-mean');
const textOf = z.object({ content: z.tuple([z.object({ text: z.string() })]) });

async function useTools(client: Client): Promise<void> {
  const { tools } = await client.listTools();
  expect(tools.map(({ name }) => name)).toEqual(expect.arrayContaining(['store_memory', 'recall_memories', 'embed']));
  await client.callTool({ name: 'store_memory', arguments: { content: 'boats leave the harbour at dawn' } });
  const recalled = await client.callTool({
    name: 'recall_memories',
    arguments: { query: 'boats leave the harbour at dawn' },
  });
  expect(textOf.parse(recalled).content[0].text).toContain('boats leave the harbour at dawn');
}

it('serves agents over standard input and output, and ends with them', async () => {
  const home = await temporaryFolder();
  onTestFinished(() => home[Symbol.asyncDispose]());
  const store = path.join(home.path, 'agent.db');
  const client = new Client({ name: 'test', version: '1' });
  const transport = new StdioClientTransport({
    command: process.execPath,
    args: [MAIN, 'mcp', '--store', store, '--model', model],
    env: { ISOVEC_HOME: home.path, ISOVEC_OFFLINE: '1', ISOVEC_PORT: '9' },
    stderr: 'ignore',
  });
  await client.connect(transport);
  await useTools(client);
  const { pid } = transport;
  await client.close();
  await expect.poll(() => isThere(pid)).toBe(false);
  const { text } = await run(['memory', 'list', '--store', store, '--json'], {
    environment: { ISOVEC_HOME: home.path },
  });
  expect(text).toContain('boats leave the harbour at dawn');
});

it('serves agents over HTTP until a signal comes', async () => {
  const home = await temporaryFolder();
  onTestFinished(() => home[Symbol.asyncDispose]());
  const args = [
    'mcp',
    '--http',
    '--port',
    '0',
    '--json',
    '--store',
    path.join(home.path, 'agent.db'),
    '--model',
    model,
  ];
  const child = start(args, { environment: { ISOVEC_HOME: home.path } });
  const end = finished(child);
  const [line] = (await once(createInterface({ input: child.stdout }), 'line')) as [string];
  const { url } = z.object({ url: z.url() }).parse(JSON.parse(line));
  const client = new Client({ name: 'test', version: '1' });
  await client.connect(new StreamableHTTPClientTransport(new URL(url)));
  await useTools(client);
  await client.close();
  child.kill('SIGTERM');
  expect((await end).code).toBe(0);
});

it('serves agents over HTTPS with a certificate and its key', async () => {
  const home = await temporaryFolder();
  onTestFinished(() => home[Symbol.asyncDispose]());
  const pem = (name: string): string => path.resolve(import.meta.dirname, `../fixtures/tls/${name}.pem`);
  const args = ['mcp', '--http', '--port', '0', '--store', path.join(home.path, 'agent.db'), '--model', model];
  const environment = { ISOVEC_HOME: home.path };
  const child = start([...args, '--json', '--tls-cert', pem('cert'), '--tls-key', pem('key')], { environment });
  const end = finished(child);
  const [line] = (await once(createInterface({ input: child.stdout }), 'line')) as [string];
  const { url } = z.object({ url: z.url() }).parse(JSON.parse(line));
  const asked = request(url, { method: 'GET', ca: await readFile(pem('cert')) });
  asked.end();
  const [answer] = (await once(asked, 'response')) as [IncomingMessage];
  answer.resume();
  expect([new URL(url).protocol, answer.statusCode]).toEqual(['https:', 405]);
  child.kill('SIGTERM');
  expect((await end).code).toBe(0);
});

it.each([
  ['a certificate without its key', ['--tls-cert', 'cert.pem'], '--tls-key'],
  ['a file of keys that is not there', ['--api-key-file', 'none'], 'cannot be read'],
])('refuses %s before it makes a file of memories', async (_name, flags, message) => {
  const home = await temporaryFolder();
  onTestFinished(() => home[Symbol.asyncDispose]());
  const { code, stderr } = await run(
    ['mcp', '--http', '--port', '0', '--store', 'agent.db', '--model', model, ...flags],
    {
      environment: { ISOVEC_HOME: home.path },
      cwd: home.path,
    },
  );
  expect([code, stderr]).toEqual([2, expect.stringContaining(message)]);
  expect(await readdir(home.path)).not.toContain('agent.db');
});

it('refuses flags of HTTP without it', async () => {
  const { code, stderr } = await run(['mcp', '--port', '8090']);
  expect([code, stderr]).toEqual([2, expect.stringContaining('--port is for --http')]);
});

function isThere(pid: number | null): boolean {
  if (pid === null) return false;
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
