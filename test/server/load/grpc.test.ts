import { status } from '@grpc/grpc-js';
import { expect, it } from 'vitest';
import { z } from 'zod';

import { HttpClient } from '../../../benchmarks/server/http-client.js';
import type { ServingProcess } from '../../../benchmarks/server/serving-process.js';
import { loadTiny } from '../../engine/support/tiny-model.js';
import { callUnary, grpcClient, type GrpcOutcome } from '../support/grpc-client.js';
import { isCancelled, openStream, streamTexts } from '../support/grpc-stream.js';
import { sameVectors, servedTiny, vectorsOf } from './support.js';

const AKIDB = 'akidb.embedding.v1.EmbeddingService';
const TEXTS = Array.from({ length: 600 }, (_, i) => `text ${i}${' the river rose'.repeat(i % 8)}`);
const CLIENTS = 3;
const ROUNDS = 12;

const vectorsAnswer = z.object({
  embeddings: z.array(z.object({ values: z.array(z.number()).transform((row) => Float32Array.from(row)) })),
});

function unaryVectors({ answer }: GrpcOutcome): Float32Array[] {
  return vectorsAnswer.parse(answer).embeddings.map(({ values }) => values);
}

/** Texts that wait or run, and handles of the server's event loop besides those of this question. */
async function leftOf({ url }: ServingProcess): Promise<{ readonly texts: number; readonly handles: number }> {
  const client = new HttpClient(url, 1);
  const health = z.object({ models: z.array(z.object({ pendingTexts: z.number() })) });
  const { models } = health.parse(JSON.parse((await client.send({ path: '/health' })).body.toString()));
  const metrics = (await client.send({ path: '/metrics' })).body.toString();
  client.close();
  return {
    texts: models.reduce((sum, { pendingTexts }) => sum + pendingTexts, 0),
    handles: Number(/^nodejs_active_handles_total (\d+)$/m.exec(metrics)?.[1]),
  };
}

/** Requests of streams that were answered, or refused. */
async function answered({ url }: ServingProcess): Promise<number> {
  const client = new HttpClient(url, 1);
  const metrics = (await client.send({ path: '/metrics' })).body.toString();
  client.close();
  const lines = metrics
    .split('\n')
    .filter((line) => line.startsWith('isovec_requests_total{') && line.includes('tei.v1.Embed/'));
  return lines.reduce((sum, line) => sum + Number(line.slice(line.lastIndexOf(' '))), 0);
}

it('calls, streams, streams that are given up, and HTTP at once get their own vectors, and leave nothing behind', async () => {
  const expected = [...(await (await loadTiny('bert-mean')).encodeBatch(TEXTS))];
  const server = await servedTiny();
  const before = await leftOf(server);
  const http = new HttpClient(server.url);
  const unary = Array.from({ length: CLIENTS }, () => grpcClient(server.grpcAddress, AKIDB));
  const streams = Array.from({ length: CLIENTS }, () => grpcClient(server.grpcAddress, 'tei.v1.Embed'));
  const wrong: string[] = [];
  const check = (what: string, from: number, vectors: readonly Float32Array[]): void => {
    if (!sameVectors(vectors, expected.slice(from, from + vectors.length))) wrong.push(what);
  };
  const rounds = async (work: (from: number, round: number) => Promise<void>): Promise<void> => {
    for (let round = 0; round < ROUNDS; round++) await work((round * 37) % 300, round);
  };
  await Promise.all([
    ...unary.map((client) =>
      rounds(async (from) => {
        const outcome = await callUnary(client, 'Embed', { texts: TEXTS.slice(from, from + 50) });
        check('a call', from, unaryVectors(outcome));
      }),
    ),
    ...unary.map((client) =>
      rounds(async (from, round) => {
        const deadline = Date.now() + (round % 4) * 5;
        const { error } = await callUnary(client, 'Embed', { texts: TEXTS.slice(from) }, { deadline });
        if (error !== undefined && error.code !== status.DEADLINE_EXCEEDED) wrong.push(`deadline: ${error.message}`);
      }),
    ),
    ...streams.map((client) =>
      rounds(async (from) => {
        const { vectors, error } = await streamTexts(client, TEXTS.slice(from, from + 200));
        if (error !== undefined || vectors.length !== 200) wrong.push(`stream: ${error?.message ?? vectors.length}`);
        check('a stream', from, vectors);
      }),
    ),
    ...streams.map((client) =>
      rounds(async (from, round) => {
        const outcome = await streamTexts(client, TEXTS.slice(from), { cancelAfter: 1 + round * 5 });
        if (!isCancelled(outcome)) wrong.push(`a cancelled stream: ${outcome.error?.message ?? 'ended well'}`);
        check('a cancelled stream', from, outcome.vectors);
      }),
    ),
    ...Array.from({ length: CLIENTS }, () =>
      rounds(async (from) => {
        const reply = await http.send({ path: '/embed', body: { texts: TEXTS.slice(from, from + 50) } });
        check('HTTP', from, vectorsOf(reply));
      }),
    ),
  ]);
  expect(wrong).toEqual([]);
  for (const client of [...unary, ...streams]) client.close();
  http.close();
  await expect.poll(() => leftOf(server), { timeout: 10_000 }).toEqual({ texts: 0, handles: before.handles });
  // An unhandled rejection ends a process of Node with 1; listeners that leak are warned of.
  const { code, stderr } = await server.stop();
  expect(code).toBe(0);
  expect(stderr).not.toMatch(/Warning|Error/);
});

it('a server that is told to end answers what it has accepted of streams and calls, and ends with 0', async () => {
  const expected = [...(await (await loadTiny('bert-mean')).encodeBatch(TEXTS))];
  const server = await servedTiny({ flags: ['--log-level', 'debug'] });
  const client = grpcClient(server.grpcAddress, AKIDB);
  const calls = Array.from({ length: 6 }, () => callUnary(client, 'Embed', { texts: TEXTS }));
  const endless = function* (): Generator<string> {
    for (let i = 0; ; i++) yield TEXTS[i % TEXTS.length] ?? '';
  };
  const stream = await streamTexts(grpcClient(server.grpcAddress, 'tei.v1.Embed'), endless(), {
    onVector: (count) => {
      if (count === 300) server.child.kill('SIGTERM');
    },
  });
  // The first request that came too late ends the stream, after the answers of all before it.
  expect(stream.error).toMatchObject({ code: status.UNAVAILABLE });
  expect(stream.error?.details).toContain('about to end');
  expect(stream.error?.metadata.get('isovec-code')).toEqual(['PROVIDER_UNAVAILABLE']);
  expect(stream.vectors.every((row, i) => sameVectors([row], [expected[i % TEXTS.length] ?? row]))).toBe(true);
  for (const outcome of await Promise.all(calls)) {
    expect(outcome.error).toBeUndefined();
    expect(sameVectors(unaryVectors(outcome), expected)).toBe(true);
  }
  const { code, stderr } = await server.end;
  expect(code).toBe(0);
  const answered = stderr.split('\n').filter((line) => line.includes('tei.v1.Embed/') && line.includes('"tokens"'));
  expect(stream.vectors.length).toBe(answered.length);
});

it('a stream that has all its answers does not keep a server that is told to end', async () => {
  const server = await servedTiny();
  const client = grpcClient(server.grpcAddress, 'tei.v1.Embed');
  const stream = openStream(client);
  const first = new Promise((resolve) => {
    stream.once('data', resolve);
  });
  stream.on('error', () => undefined);
  stream.write({ inputs: 'a text', truncate: true });
  await first;
  server.child.kill('SIGTERM');
  expect((await server.end).code).toBe(0);
});

it('a stream that is not read is cut off after the grace period, which the server says and ends with 1', async () => {
  const server = await servedTiny({ flags: ['--grace', '300ms'] });
  const stream = openStream(grpcClient(server.grpcAddress, 'tei.v1.Embed'), 'EmbedAllStream');
  stream.on('error', () => undefined);
  // grpc-js holds its client back only once it has begun to read.
  stream.once('data', () => stream.pause());
  const before = await answered(server);
  // More than the buffers of both ends hold.
  for (let i = 0; i < 5000; i++) stream.write({ inputs: TEXTS[i % TEXTS.length], truncate: true });
  // The server has stopped to take requests, and works for none.
  let count = before;
  await expect
    .poll(
      async () => {
        const last = count;
        count = await answered(server);
        return count > before && count === last && (await leftOf(server)).texts === 0;
      },
      { timeout: 20_000, interval: 200 },
    )
    .toBe(true);
  expect(count - before).toBeLessThan(5000);
  server.child.kill('SIGTERM');
  const { code, stderr } = await server.end;
  expect(code).toBe(1);
  expect(stderr).toContain('ended before everything was answered');
});
