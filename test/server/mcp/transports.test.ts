import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { type IncomingMessage, request } from 'node:http';
import { request as requestOverTls } from 'node:https';
import { PassThrough } from 'node:stream';
import path from 'node:path';
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StdioClientTransport } from '@modelcontextprotocol/sdk/client/stdio.js';
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import type { Transport } from '@modelcontextprotocol/sdk/shared/transport.js';
import { describe, expect, it, onTestFinished } from 'vitest';

import { type McpHttpOptions, type McpHttpServer, serveMcpOverHttp } from '#src/server/mcp/serve-mcp-over-http.js';
import { serveMcpOverStdio } from '#src/server/mcp/serve-mcp-over-stdio.js';
import { emptyMemory, wordEmbedder } from './support/agent-service.js';

const pem = (name: string): string => readFileSync(new URL(`../../fixtures/tls/${name}.pem`, import.meta.url), 'utf8');
const TLS = { cert: pem('cert'), key: pem('key') };

const PROGRAM = path.join(import.meta.dirname, 'support', 'serve-words-process.ts');

async function connected(transport: Transport): Promise<Client> {
  const client = new Client({ name: 'test', version: '0' });
  await client.connect(transport);
  onTestFinished(() => client.close());
  await client.listTools();
  return client;
}

/** Stores, recalls, reads and deletes a memory. */
async function drive(client: Client, content = 'Tea at noon'): Promise<void> {
  const stored = await client.callTool({ name: 'store_memory', arguments: { content } });
  const { memory } = stored.structuredContent as { memory: { id: string; uri: string } };
  const recalled = await client.callTool({ name: 'recall_memories', arguments: { query: content } });
  expect(recalled.structuredContent).toMatchObject({ core: [{ memory: { id: memory.id } }] });
  expect((await client.readResource({ uri: memory.uri })).contents).toHaveLength(1);
  const deleted = await client.callTool({ name: 'delete_memory', arguments: { id: memory.id, confirm: true } });
  expect(deleted.structuredContent).toMatchObject({ deleted: true });
}

describe('MCP over standard input and output', () => {
  it('serves a client that starts it as a program', async () => {
    const args = ['--import', 'tsx', PROGRAM];
    await drive(await connected(new StdioClientTransport({ command: process.execPath, args, stderr: 'inherit' })));
  });

  it('ends when the input ends, when the output is gone, and when it is closed', async () => {
    const service = { memory: emptyMemory(), embedder: wordEmbedder };
    const streams = (): { input: PassThrough; output: PassThrough } => ({
      input: new PassThrough(),
      output: new PassThrough(),
    });
    const first = streams();
    const ending = await serveMcpOverStdio(service, first);
    first.input.end();
    await ending.ended;
    const second = streams();
    const broken = await serveMcpOverStdio(service, second);
    second.output.destroy(new Error('EPIPE'));
    await broken.ended;
    const closed = await serveMcpOverStdio(service, streams());
    await closed.close();
    await closed.close();
    await closed.ended;
  });
});

describe('MCP over streamable HTTP', () => {
  async function serve(options: McpHttpOptions = {}): Promise<McpHttpServer> {
    const server = await serveMcpOverHttp({ memory: emptyMemory(), embedder: wordEmbedder }, { port: 0, ...options });
    onTestFinished(() => server.close(0));
    return server;
  }

  /** Status of a request with some headers. */
  async function statusOf(url: string, headers: Record<string, string> = {}, method = 'POST'): Promise<number> {
    const sent = request(url, { method, headers: { 'content-type': 'application/json', ...headers } });
    sent.end('{}');
    const [response] = (await once(sent, 'response')) as [IncomingMessage];
    response.resume();
    return response.statusCode ?? 0;
  }

  const over = (server: McpHttpServer, headers: Record<string, string> = {}): Transport =>
    new StreamableHTTPClientTransport(new URL(server.url), { requestInit: { headers } });

  it('serves several clients of one memory', async () => {
    const server = await serve();
    const clients = await Promise.all([connected(over(server)), connected(over(server))]);
    await Promise.all(clients.map((client, at) => drive(client, ['Snow in winter', 'Bread with salt'][at])));
  });

  it('wants a key where it has some', async () => {
    const server = await serve({ apiKeys: ['secret'] });
    await drive(await connected(over(server, { authorization: 'Bearer secret' })));
    expect(await statusOf(server.url)).toBe(401);
    expect(await statusOf(server.url, { authorization: 'Bearer other' })).toBe(401);
  });

  it('does not listen for others without keys', async () => {
    await expect(serve({ host: '0.0.0.0' })).rejects.toMatchObject({ code: 'CONFIG_INVALID' });
  });

  it('refuses other pages, names that resolve to this machine, other paths and other methods', async () => {
    const { url } = await serve();
    expect(await statusOf(url, { origin: 'https://example.org' })).toBe(403);
    expect(await statusOf(url, { origin: 'null' })).toBe(403);
    expect(await statusOf(url, { host: 'rebound.example.org' })).toBe(403);
    expect(await statusOf(url.replace('/mcp', '/other'))).toBe(404);
    expect(await statusOf(url, {}, 'GET')).toBe(405);
    expect(await statusOf(url, { origin: 'http://localhost:3000' })).not.toBe(403);
  });

  it('refuses a message of more than 4 MiB before it comes', async () => {
    const { url } = await serve();
    const accept = 'application/json, text/event-stream';
    const headers = { 'content-type': 'application/json', accept, 'content-length': 2 ** 22 + 1 };
    const sent = request(url, { method: 'POST', headers });
    sent.flushHeaders();
    const [response] = (await once(sent, 'response')) as [IncomingMessage];
    expect(response.statusCode).toBe(413);
    sent.on('error', () => undefined).destroy();
  });

  it('speaks HTTPS with a certificate, and then not in the clear', async () => {
    const server = await serve({ tls: TLS, apiKeys: ['secret'] });
    expect(server.url).toMatch(/^https:/);
    const headers = { authorization: 'Bearer secret' };
    const transport = new StreamableHTTPClientTransport(new URL(server.url), {
      requestInit: { headers },
      fetch: trusting(TLS.cert),
    });
    await drive(await connected(transport));
    const stranger = new StreamableHTTPClientTransport(new URL(server.url), { fetch: trusting(TLS.cert) });
    await expect(connected(stranger)).rejects.toThrow('UNAUTHORIZED');
    await expect(statusOf(server.url.replace('https', 'http'), headers)).rejects.toThrow();
  });

  it('does not start with what is no certificate and its key, nor for others without keys because it has them', async () => {
    const broken = { cert: TLS.cert, key: TLS.cert };
    await expect(serve({ tls: broken })).rejects.toMatchObject({ code: 'CONFIG_INVALID', data: { option: 'tls' } });
    await expect(serve({ tls: TLS, host: '0.0.0.0' })).rejects.toMatchObject({
      code: 'CONFIG_INVALID',
      data: { option: 'apiKeys' },
    });
  });

  it('says that an address cannot be had', async () => {
    const { url } = await serve();
    await expect(serve({ port: Number(new URL(url).port) })).rejects.toMatchObject({ code: 'CONFIG_INVALID' });
  });

  it('closes twice, and answers nobody afterwards', async () => {
    const server = await serve();
    await Promise.all([server.close(), server.close()]);
    await expect(connected(over(server))).rejects.toThrow();
  });
});

/** `fetch` that trusts one certificate more. */
function trusting(ca: string): (url: string | URL, init?: RequestInit) => Promise<Response> {
  return async (url, init = {}) => {
    const sent = requestOverTls(url, {
      method: init.method,
      headers: Object.fromEntries(new Headers(init.headers)),
      ca,
    });
    sent.end(init.body);
    const [answer] = (await once(sent, 'response')) as [IncomingMessage];
    const parts: Buffer[] = [];
    for await (const part of answer) parts.push(part as Buffer);
    const { statusCode: status = 0, headers } = answer;
    const body = status === 202 ? null : Buffer.concat(parts);
    return new Response(body, { status, headers: new Headers(headers as Record<string, string>) });
  };
}
