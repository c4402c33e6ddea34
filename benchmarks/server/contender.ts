import type { Embedder } from '#src/index.js';

import { HttpClient, type Reply } from './http-client.js';
import type { ServingProcess } from './serving-process.js';

/** One way to have texts embedded, and what it costs. */
export interface Contender {
  readonly name: string;
  /** Resolves when the vectors are here; with the mean inference of a text in milliseconds where that is told. */
  readonly embed: (texts: readonly string[], priority?: 'interactive' | 'bulk') => Promise<number | undefined>;
  /** Processor time of whoever computes the vectors, in milliseconds. */
  readonly cpuMilliseconds: () => number;
}

/** The library in this process. */
export function libraryContender(model: Embedder): Contender {
  return {
    name: 'library',
    embed: async (texts, priority) => {
      await model.encodeBatch(texts, priority === undefined ? {} : { priority: PRIORITY[priority] });
      return undefined;
    },
    cpuMilliseconds: () => {
      const { user, system } = process.cpuUsage();
      return (user + system) / 1000;
    },
  };
}

const PRIORITY = { interactive: 'high', bulk: 'low' } as const;

/**
 * The server in its process, asked in one of its shapes. Answers are read and not parsed: what clients do with them is
 * their own affair, and on a machine of few cores would be taken for the server's.
 */
export function serverContender(server: ServingProcess, model: string, shape: Shape): Contender {
  const client = new HttpClient(server.url);
  return {
    name: `server, ${shape}`,
    embed: async (texts, priority) => {
      const headers = priority === undefined ? {} : { 'x-isovec-priority': priority };
      const reply = await client.send({ ...QUESTIONS[shape](model, texts), headers });
      if (reply.status !== 200) throw new Error(`status ${reply.status}: ${reply.body.toString().slice(0, 200)}`);
      return Number(reply.headers['x-isovec-inference-ms']);
    },
    cpuMilliseconds: () => server.cpuMilliseconds(),
  };
}

/** A shape of requests and answers. */
export type Shape = 'native' | 'OpenAI base64';

const QUESTIONS: Readonly<Record<Shape, (model: string, texts: readonly string[]) => { path: string; body: object }>> =
  {
    native: (_model, texts) => ({ path: '/embed', body: { texts } }),
    'OpenAI base64': (model, input) => ({ path: '/v1/embeddings', body: { model, input, encoding_format: 'base64' } }),
  };

/** The vectors of a base64 answer, to be compared with the library's. */
export function base64Rows({ body }: Reply): string[] {
  const { data } = JSON.parse(body.toString()) as { data: { embedding: string }[] };
  return data.map(({ embedding }) => embedding);
}
