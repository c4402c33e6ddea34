import { connect } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

import { seededRandom } from '#src/bench/seeded-random.js';
import type { Embedder } from '#src/index.js';

import type { HttpClient } from '../../../benchmarks/server/http-client.js';
import { type Question, type Reply } from '../../../benchmarks/server/http-client.js';
import { sameVectors, vectorsOf } from './support.js';

/** Requests of one kind: what is sent, and what is wrong with an answer. */
export interface Traffic {
  readonly name: string;
  /** What is wrong, or undefined. Rejects if there is no answer where one is due. */
  readonly ask: () => Promise<string | undefined>;
}

/** Within the limit of the tiny model. */
const TEXTS = Array.from({ length: 64 }, (_, i) => `text ${i}${' the river'.repeat(i % 6)}`);

/** All that clients do to a server, good and bad. `model` is the one that is served, in this process. */
export async function mixedTraffic(url: string, name: string, model: Embedder, client: HttpClient): Promise<Traffic[]> {
  const random = seededRandom(7);
  const expected = [...(await model.encodeBatch(TEXTS))];
  const short = [...(await model.encodeBatch(TEXTS, { dimensions: 8, normalize: true }))];
  const ids = (await model.tokens.encode(TEXTS)).texts.map((text) => [...text.ids]);
  const slice = (most: number): [from: number, to: number] => {
    const from = Math.floor(random() * (TEXTS.length - most));
    return [from, from + 1 + Math.floor(random() * most)];
  };
  const rightVectors = (reply: Reply, rows: readonly Float32Array[]): string | undefined => {
    if (reply.status !== 200) return `status ${reply.status}: ${reply.body.toString().slice(0, 200)}`;
    return sameVectors(vectorsOf(reply), rows) ? undefined : 'other vectors than those of the library';
  };
  const embeds = (kind: string, question: (from: number, to: number) => Question, rows = expected): Traffic => ({
    name: kind,
    ask: async () => {
      const [from, to] = slice(12);
      return rightVectors(await client.send(question(from, to)), rows.slice(from, to));
    },
  });
  const answers = (kind: string, status: number, question: Question): Traffic => ({
    name: kind,
    ask: async () => {
      const reply = await client.send(question);
      return reply.status === status ? undefined : `status ${reply.status}, not ${status}`;
    },
  });
  const openAi = (input: unknown, more: object = {}): Question => ({
    path: '/v1/embeddings',
    body: { model: name, input, ...more },
  });
  return [
    embeds('native', (from, to) => ({ path: '/embed', body: { texts: TEXTS.slice(from, to) } })),
    embeds('TEI', (from, to) => ({ path: '/embed', body: { inputs: TEXTS.slice(from, to) } })),
    embeds('TEI, token ids', (from, to) => ({ path: '/embed', body: { inputs: ids.slice(from, to) } })),
    embeds('OpenAI, floats', (from, to) => openAi(TEXTS.slice(from, to))),
    embeds('OpenAI, base64', (from, to) => openAi(TEXTS.slice(from, to), { encoding_format: 'base64' })),
    embeds('OpenAI, token ids', (from, to) => openAi(ids.slice(from, to), { encoding_format: 'base64' })),
    embeds('OpenAI, dimensions', (from, to) => openAi(TEXTS.slice(from, to), { dimensions: 8 }), short),
    embeds('bulk', (from, to) => ({
      path: '/embed',
      body: { texts: TEXTS.slice(from, to) },
      headers: { 'x-isovec-priority': 'bulk' },
    })),
    answers('hidden states', 200, { path: '/embed_all', body: { inputs: TEXTS.slice(0, 3) } }),
    answers('similarity', 200, { path: '/similarity', body: { a: TEXTS.slice(0, 3), b: TEXTS.slice(3, 6) } }),
    answers('tokenize', 200, { path: '/tokenize', body: { inputs: TEXTS.slice(0, 3) } }),
    answers('decode', 200, { path: '/decode', body: { ids: ids[0] } }),
    ...['/info', '/v1/models', '/health', '/health/live', '/health/ready', '/metrics', '/openapi.json'].map((path) =>
      answers(path, 200, { path }),
    ),
    answers('broken JSON', 400, { path: '/embed', body: '{"texts": [' }),
    answers('wrong type', 400, { path: '/v1/embeddings', body: { model: name, input: 5 } }),
    answers('no text', 400, { path: '/embed', body: { texts: [] } }),
    answers('unknown model', 404, { path: '/v1/embeddings', body: { model: 'other', input: 'a' } }),
    answers('unknown route', 404, { path: '/nowhere' }),
    answers('wrong method', 405, { path: '/embed' }),
    answers('too deep', 400, { path: '/embed', body: '['.repeat(100_000) }),
    answers('another kind', 424, { path: '/rerank', body: { query: 'a', texts: ['b'] } }),
    answers('compressed', 415, { path: '/embed', body: '{}', headers: { 'content-encoding': 'gzip' } }),
    { name: 'given up', ask: () => givenUp(client, Math.ceil(random() * 10)) },
    { name: 'deadline', ask: () => deadline(client) },
    { name: 'slow', ask: () => slow(url) },
    { name: 'gone', ask: () => gone(url) },
  ];
}

/** A client that closes its connection while its texts wait. */
async function givenUp(client: HttpClient, milliseconds: number): Promise<undefined> {
  const question = { path: '/embed', body: { texts: [...TEXTS, ...TEXTS, ...TEXTS] } };
  await client.send({ ...question, signal: AbortSignal.timeout(milliseconds) }).catch((error: unknown) => {
    if (!(error instanceof Error && error.name === 'AbortError')) throw error;
  });
}

async function deadline(client: HttpClient): Promise<string | undefined> {
  const body = { texts: [...TEXTS, ...TEXTS, ...TEXTS] };
  const { status } = await client.send({ path: '/embed', body, headers: { 'x-request-timeout-ms': '2' } });
  return status === 504 || status === 200 ? undefined : `status ${status}`;
}

/** A client that sends a few bytes at a time, and takes its time to read. */
async function slow(url: string): Promise<string | undefined> {
  const body = JSON.stringify({ texts: TEXTS });
  const socket = connect(Number(new URL(url).port), new URL(url).hostname);
  const closed = new Promise<void>((resolve, reject) => {
    socket.once('error', reject).once('close', () => {
      resolve();
    });
  });
  socket.write('POST /embed HTTP/1.1\r\nhost: a\r\nconnection: close\r\ncontent-type: application/json\r\n');
  socket.write(`content-length: ${Buffer.byteLength(body)}\r\n\r\n`);
  for (let at = 0; at < body.length; at += 500) {
    socket.write(body.slice(at, at + 500));
    await sleep(5);
  }
  await sleep(100);
  let answer = '';
  socket.setEncoding('utf8').on('data', (text: string) => {
    answer += text;
  });
  await closed;
  return answer.startsWith('HTTP/1.1 200') ? undefined : `answer ${answer.slice(0, 100)}`;
}

/** A client that vanishes in the middle of its request. */
async function gone(url: string): Promise<undefined> {
  const socket = connect(Number(new URL(url).port), new URL(url).hostname);
  await new Promise<void>((resolve, reject) => {
    socket.once('error', reject).once('connect', () => {
      resolve();
    });
  });
  socket.write('POST /embed HTTP/1.1\r\nhost: a\r\ncontent-type: application/json\r\ncontent-length: 1000\r\n\r\n{"te');
  await sleep(10);
  socket.destroy();
}
