import { once } from 'node:events';
import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { createInterface } from 'node:readline';

import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StdioClientTransport } from '@modelcontextprotocol/sdk/client/stdio.js';
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import type { Transport } from '@modelcontextprotocol/sdk/shared/transport.js';
import { describe, expect, it, onTestFinished } from 'vitest';
import { z } from 'zod';

import { finished, MAIN, start, temporaryFolder, tinyModel } from '../cli/command-line.js';

const KEY = 'the-key-of-the-guide';
const started = z.object({ command: z.string(), args: z.array(z.string()) });
const addressed = z.object({ url: z.url(), headers: z.object({ Authorization: z.string() }) });
const serverShape = z.union([started, addressed]);
const configuration = z.union([
  z.strictObject({ mcpServers: z.object({ memory: serverShape }) }).transform(({ mcpServers }) => mcpServers.memory),
  z
    .strictObject({
      inputs: z.array(z.object({ id: z.string() })).optional(),
      servers: z.object({ memory: serverShape }),
    })
    .transform(({ servers }) => servers.memory),
]);

const guide = await readFile(new URL('../../docs/guides/memory-over-mcp.md', import.meta.url), 'utf8');
const blocks = (language: string): string[] =>
  [...guide.matchAll(/^```(\w+)\n(.*?)^```/gms)].filter(([, name]) => name === language).map(([, , text = '']) => text);

/** Servers of the guide, in its order: those of JSON, and those of TOML as far as these use it. */
const fromJson = blocks('json').map((text) => configuration.parse(JSON.parse(text)));
const fromToml = blocks('toml').map((text) => {
  const value = (key: string): unknown => {
    const [, found] = new RegExp(`^${key} = (.*)$`, 'm').exec(text) ?? [];
    return found === undefined ? undefined : JSON.parse(found);
  };
  const variable = value('bearer_token_env_var');
  return serverShape.parse({
    command: value('command'),
    args: value('args'),
    url: value('url'),
    headers: { Authorization: `Bearer \${${String(variable)}}` },
  });
});
const servers = [...fromJson, ...fromToml];
const startedOnes = servers.filter((one): one is z.output<typeof started> => 'command' in one);
const addressedOnes = servers.filter((one): one is z.output<typeof addressed> => 'url' in one);

async function rememberAndRecall(transport: Transport, content: string): Promise<void> {
  const client = new Client({ name: 'reader of the guide', version: '1' });
  await client.connect(transport);
  onTestFinished(() => client.close());
  await client.listTools();
  await client.callTool({ name: 'store_memory', arguments: { content, tags: [content] } });
  const recalled = await client.callTool({ name: 'recall_memories', arguments: { query: content, tags: [content] } });
  expect(recalled.structuredContent).toMatchObject({ core: [{ memory: { content } }] });
}

describe('the configurations of the guide to MCP', () => {
  const { folder: model } = tinyModel('bert-mean');

  it('are those of four clients, in both ways', () => {
    expect([startedOnes.length, addressedOnes.length]).toEqual([3, 4]);
  });

  it.each(startedOnes)('start a server that remembers beside the project: $args', async ({ command, args }) => {
    const project = await temporaryFolder();
    onTestFinished(() => project[Symbol.asyncDispose]());
    // What npm links as the command is the built command line.
    expect(command).toBe('isovec');
    const transport = new StdioClientTransport({
      command: process.execPath,
      args: [MAIN, ...args.map((one) => one.replace('${workspaceFolder}', project.path))],
      cwd: project.path,
      env: { ISOVEC_HOME: project.path, ISOVEC_OFFLINE: '1', ISOVEC_MODEL: model },
      stderr: 'ignore',
    });
    await rememberAndRecall(transport, 'boats leave the harbour at dawn');
    expect((await readFile(path.join(project.path, '.isovec/memory.db'))).subarray(0, 6).toString()).toBe('SQLite');
  });

  it('lead to a server that listens, with their key', async () => {
    const home = await temporaryFolder();
    onTestFinished(() => home[Symbol.asyncDispose]());
    const keys = path.join(home.path, 'keys');
    await writeFile(keys, `${KEY}\n`);
    const [, command = ''] = /^isovec (mcp --http .*)$/m.exec(blocks('sh').join('\n')) ?? [];
    const args = command.replace('~/memory-keys', keys).replace('~', home.path).split(' ');
    const child = start([...args, '--port', '0', '--json', '--model', model], {
      environment: { ISOVEC_HOME: home.path },
    });
    const end = finished(child);
    onTestFinished(async () => {
      child.kill('SIGTERM');
      await end;
    });
    const [line] = (await once(createInterface({ input: child.stdout }), 'line')) as [string];
    const { url } = z.object({ url: z.url() }).parse(JSON.parse(line));
    for (const [at, one] of addressedOnes.entries()) {
      expect(one.url).toBe(url.replace(/:\d+\//, ':8090/'));
      const authorization = one.headers.Authorization.replace(/\$\{[^}]+\}/, KEY);
      const transport = new StreamableHTTPClientTransport(new URL(url), {
        requestInit: { headers: { authorization } },
      });
      await rememberAndRecall(transport, ['red apples', 'cold snow', 'old books', 'long rivers'][at] ?? '');
    }
    const stranger = new StreamableHTTPClientTransport(new URL(url));
    await expect(rememberAndRecall(stranger, 'nothing')).rejects.toThrow('UNAUTHORIZED');
  });

  it('are put into files by commands that end with the same server', () => {
    const [ofStdio = '', ofHttp = ''] = blocks('sh')
      .join('\n')
      .split('\n')
      .filter((line) => line.startsWith('claude mcp add'));
    expect(ofStdio.split(' -- ')[1]).toBe(['isovec', ...(startedOnes[0]?.args ?? [])].join(' '));
    expect(ofHttp).toContain(` ${addressedOnes[0]?.url ?? ''} --header "Authorization: Bearer $MEMORY_KEY"`);
  });
});
