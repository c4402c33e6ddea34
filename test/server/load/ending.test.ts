import { connect } from 'node:net';
import { describe, expect, it } from 'vitest';

import { HttpClient, type Reply } from '../../../benchmarks/server/http-client.js';
import type { ServingProcess } from '../../../benchmarks/server/serving-process.js';
import { loadTiny } from '../../engine/support/tiny-model.js';
import { sameVectors, servedTiny, vectorsOf } from './support.js';

/** Long enough on a tiny model that several of them are open for seconds. */
const TEXTS = Array.from(
  { length: 1500 },
  (_, i) => `text ${i}${' the river rose over the harbour'.repeat(1 + (i % 9))}`,
);

/** Waits until the server works for so many requests. */
async function working(server: ServingProcess, requests: number): Promise<void> {
  const client = new HttpClient(server.url);
  for (;;) {
    const { body } = await client.send({ path: '/metrics' });
    const count = /^isovec_requests_in_flight\{[^}]*\} (\d+)$/m.exec(body.toString())?.[1];
    if (Number(count) >= requests) break;
  }
  client.close();
}

describe('a server that is told to end under load', () => {
  it('answers all that it has accepted, refuses the rest, and ends with 0', async () => {
    const expected = [...(await (await loadTiny('bert-mean')).encodeBatch(TEXTS))];
    const server = await servedTiny();
    const client = new HttpClient(server.url);
    const kept = new HttpClient(server.url, 1);
    await kept.send({ path: '/health/ready' });
    const formats = [{ texts: TEXTS }, { inputs: TEXTS, truncate: true }] as const;
    const open = Array.from({ length: 8 }, (_, i) => client.send({ path: '/embed', body: formats[i % 2] }));
    await working(server, open.length);
    server.child.kill('SIGTERM');
    let refused: Reply;
    do refused = await kept.send({ path: '/health/ready' });
    while (refused.status === 200);
    // The listener still answers, so that a balancer learns why.
    expect([refused.status, refused.headers.connection]).toEqual([503, 'close']);
    const late = await kept.send({ path: '/v1/embeddings', body: { model: 'any', input: 'late' } });
    expect([late.status, late.headers.connection, late.headers['retry-after']]).toEqual([503, 'close', '1']);
    expect(JSON.parse(late.body.toString())).toMatchObject({ error: { type: 'server_error' } });
    expect((await kept.send({ path: '/health/live' })).status).toBe(200);
    const answers = await Promise.all(open);
    expect(answers.map(({ status }) => status)).toEqual(answers.map(() => 200));
    expect(answers.every((answer) => sameVectors(vectorsOf(answer), expected))).toBe(true);
    expect(answers.map(({ headers }) => headers.connection)).toEqual(answers.map(() => 'close'));
    const { code, signal } = await server.end;
    expect([code, signal]).toEqual([0, null]);
    await expect(kept.send({ path: '/health' })).rejects.toMatchObject({ code: 'ECONNREFUSED' });
  });

  it('ends at once on a second signal', async () => {
    const server = await servedTiny();
    const client = new HttpClient(server.url);
    const open = Array.from({ length: 24 }, () => client.send({ path: '/embed', body: { texts: TEXTS } }));
    const settled = Promise.allSettled(open);
    await working(server, open.length);
    server.child.kill('SIGTERM');
    let status = 200;
    while (status === 200) ({ status } = await client.send({ path: '/health/ready' }));
    server.child.kill('SIGTERM');
    expect((await server.end).signal).toBe('SIGTERM');
    expect((await settled).map((outcome) => outcome.status)).toContain('rejected');
  });

  it('cuts off what is not answered within the grace period, says so, and ends with 1', async () => {
    const server = await servedTiny({ flags: ['--grace', '1ms'] });
    const client = new HttpClient(server.url);
    const open = Promise.allSettled([client.send({ path: '/embed', body: { texts: TEXTS } })]);
    await working(server, 1);
    server.child.kill('SIGTERM');
    const { code, stderr } = await server.end;
    expect(code).toBe(1);
    expect(stderr).toContain('ended before everything was answered');
    expect((await open)[0].status).toBe('rejected');
  });

  it('does not wait longer for a client that does not read its answer', async () => {
    const server = await servedTiny({ flags: ['--grace', '300ms'] });
    const { hostname, port } = new URL(server.url);
    const socket = connect(Number(port), hostname).pause();
    socket.on('error', () => undefined);
    // More than the buffers of both ends hold.
    const body = JSON.stringify({ inputs: TEXTS, truncate: true });
    socket.write(`POST /embed_all HTTP/1.1\r\nhost: a\r\ncontent-type: application/json\r\n`);
    socket.write(`content-length: ${Buffer.byteLength(body)}\r\n\r\n${body}`);
    await working(server, 1);
    const client = new HttpClient(server.url);
    let left = 1;
    while (left > 0) {
      const { models } = JSON.parse((await client.send({ path: '/health' })).body.toString()) as {
        models: { pendingTexts: number }[];
      };
      left = models[0]?.pendingTexts ?? 0;
    }
    client.close();
    server.child.kill('SIGTERM');
    expect((await server.end).code).toBe(1);
    socket.destroy();
  });
});
