import { readFileSync } from 'node:fs';
import { request } from 'node:https';
import { credentials } from '@grpc/grpc-js';
import { expect, it } from 'vitest';

import { failure } from '../engine/support/tiny-model.js';
import { callUnary, grpcClient } from './support/grpc-client.js';
import { testServer } from './support/running-server.js';

const pem = (name: string): string => readFileSync(new URL(`../fixtures/tls/${name}.pem`, import.meta.url), 'utf8');
const TLS = { cert: pem('cert'), key: pem('key') };

it('a server with a certificate answers over HTTPS and secure gRPC, and not in the clear', async () => {
  const { url, grpcAddress, model } = await testServer({ tls: TLS, grpcPort: 0 });
  expect(url).toMatch(/^https:/);
  const answer = await new Promise<string>((resolve, reject) => {
    const body = JSON.stringify({ inputs: 'the river rose' });
    const headers = { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) };
    const asked = request(`${url}/embed`, { method: 'POST', ca: TLS.cert, headers }, (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (part: string) => (text += part));
      response.on('end', () => {
        resolve(text);
      });
    });
    asked.on('error', reject).end(body);
  });
  const [expected] = (await model.encodeBatch(['the river rose'])).toArrays();
  expect((JSON.parse(answer) as number[][]).map((row) => row.map(Math.fround))).toEqual([expected]);
  await expect(fetch(url.replace('https', 'http'))).rejects.toThrow();

  const service = 'akidb.embedding.v1.EmbeddingService';
  const secure = grpcClient(grpcAddress, service, credentials.createSsl(Buffer.from(TLS.cert)));
  const { answer: overGrpc, error } = await callUnary(secure, 'Embed', { texts: ['the river rose'] });
  expect(error).toBeUndefined();
  expect(overGrpc).toMatchObject({ embeddings: [{ values: Array.from(expected ?? []) }] });
  const clear = await callUnary(grpcClient(grpcAddress, service), 'GetModelInfo', {}, { deadline: Date.now() + 2000 });
  expect(clear.error).toBeDefined();
});

it('pages of other origins may call a server that allows them, and no other', async () => {
  const origin = 'https://example.org';
  const { get, url } = await testServer({ corsOrigins: [origin, 'http://localhost:3000'], apiKeys: ['the-key'] });
  const asking = { origin, 'access-control-request-method': 'POST', 'access-control-request-headers': 'authorization' };
  const preflight = await fetch(`${url}/v1/embeddings`, { method: 'OPTIONS', headers: asking });
  expect(preflight.status).toBe(204);
  expect(preflight.headers.get('access-control-allow-origin')).toBe(origin);
  expect(preflight.headers.get('access-control-allow-headers')).toContain('authorization');
  const headers = { authorization: 'Bearer the-key' };
  const answer = await get('/info', { headers: { ...headers, origin } });
  expect(answer.headers.get('access-control-allow-origin')).toBe(origin);
  expect(answer.headers.get('access-control-expose-headers')).toContain('x-request-id');
  // Errors too: a page that may not read them cannot tell its user what is wrong.
  const refused = await get('/info', { headers: { origin } });
  expect([refused.status, refused.headers.get('access-control-allow-origin')]).toEqual([401, origin]);
  const stranger = await get('/info', { headers: { ...headers, origin: 'https://example.com' } });
  expect(stranger.headers.get('access-control-allow-origin')).toBeNull();
});

it('without allowed origins nothing is said of them, and what is no origin is refused', async () => {
  const { get } = await testServer();
  const answer = await get('/info', { headers: { origin: 'https://example.org' } });
  expect([...answer.headers.keys()].filter((name) => name.startsWith('access-control'))).toEqual([]);
  for (const origin of ['example.org', 'https://example.org/', '']) {
    expect((await failure(() => testServer({ corsOrigins: [origin] }))).code).toBe('CONFIG_INVALID');
  }
});
