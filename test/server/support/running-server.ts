import type { Embedder, LoadOptions } from '#src/index.js';
import { type ServerOptions, startServer } from '#src/server/start-server.js';
import { onTestFinished } from 'vitest';

import { loadTiny } from '../../engine/support/tiny-model.js';
import { asFloat32 } from './as-float32.js';

/** A server on a free port with one tiny model, and how to ask it. */
export interface TestServer {
  readonly url: string;
  /** `host:port` of gRPC; '' where it is not served. */
  readonly grpcAddress: string;
  readonly model: Embedder;
  readonly get: (path: string, init?: RequestInit) => Promise<Answer>;
  /** Sends a value as JSON, or a string as it is. */
  readonly post: (path: string, body: unknown, headers?: Record<string, string>) => Promise<Answer>;
  readonly close: (grace?: number) => Promise<boolean>;
}

/** An answer with its body read. */
export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly body: unknown;
}

/** Starts a server, whose model goes by a name; it is closed after the test. */
export async function testServer(
  options: ServerOptions = {},
  load: LoadOptions = {},
  name = 'tiny',
): Promise<TestServer> {
  const model = await loadTiny('bert-mean', load);
  const server = await startServer([{ name, embedder: model }], { port: 0, ...options });
  onTestFinished(async () => {
    await server.close(0);
  });
  const get = async (path: string, init: RequestInit = {}): Promise<Answer> => {
    const response = await fetch(server.url + path, init);
    const text = await response.text();
    const isJson = /json/.test(response.headers.get('content-type') ?? '');
    return { status: response.status, headers: response.headers, body: isJson ? JSON.parse(text, asFloat32) : text };
  };
  const post: TestServer['post'] = (path, body, headers = {}) =>
    get(path, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body: typeof body === 'string' ? body : JSON.stringify(body),
    });
  return { url: server.url, grpcAddress: server.grpcAddress ?? '', model, get, post, close: server.close };
}
