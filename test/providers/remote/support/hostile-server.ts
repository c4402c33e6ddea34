import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

import type { RemoteProviderOptions } from '#src/providers/remote/remote-options.js';
import { createRemoteProvider, type RemoteEmbedder } from '#src/providers/remote/remote-provider.js';
import { onTestFinished } from 'vitest';
import { z } from 'zod';

export const DIMENSIONS = 4;

const requestSchema = z.object({ input: z.array(z.string()) });

/** A request to embed, and how to answer it. */
export interface Exchange {
  readonly texts: readonly string[];
  /** How many requests came before this one since the last {@link HostileServer.misbehave}. */
  readonly number: number;
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  /** Answers with JSON, or with a text as it is. */
  readonly send: (status: number, body: unknown, headers?: Readonly<Record<string, string>>) => void;
  /** Answers as a good server does. */
  readonly behave: () => void;
}

export type Behaviour = (exchange: Exchange) => void;

/** A server with OpenAI's interface that answers as a test wants. */
export interface HostileServer {
  readonly url: string;
  /** Number of texts of each request since the last {@link misbehave}. */
  readonly sizes: readonly number[];
  readonly headers: readonly IncomingMessage['headers'][];
  misbehave(behaviour: Behaviour): void;
}

/** A vector of length 1 that differs from text to text. */
export function vectorOf(text: string): number[] {
  const raw = [1, 0.5, 0.25, 0.125].map((value, i) => {
    let hash = i + 1;
    for (const character of text) hash = (hash * 31 + (character.codePointAt(0) ?? 0)) % 1009;
    return Math.fround(value + hash / 1009);
  });
  const norm = Math.hypot(...raw);
  return raw.map((value) => Math.fround(value / norm));
}

export interface Item {
  readonly index: number;
  readonly embedding: unknown;
}

export function itemsOf(texts: readonly string[]): Item[] {
  return texts.map((text, index) => ({ index, embedding: vectorOf(text) }));
}

/** Starts one; it is closed after the test. */
export async function hostileServer(): Promise<HostileServer> {
  let behaviour: Behaviour = ({ behave }) => {
    behave();
  };
  const sizes: number[] = [];
  const headers: IncomingMessage['headers'][] = [];
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('error', () => undefined);
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const { input: texts } = requestSchema.parse(JSON.parse(Buffer.concat(chunks).toString()));
      headers.push(request.headers);
      sizes.push(texts.length);
      const send: Exchange['send'] = (status, body, more = {}) => {
        response.writeHead(status, { 'content-type': 'application/json', ...more });
        response.end(typeof body === 'string' ? body : JSON.stringify(body));
      };
      const behave = (): void => {
        send(200, { data: itemsOf(texts), usage: { total_tokens: texts.length * 3 } });
      };
      behaviour({ texts, number: sizes.length - 1, request, response, send, behave });
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}/v1`,
    sizes,
    headers,
    misbehave: (next) => {
      behaviour = next;
      sizes.length = 0;
      headers.length = 0;
    },
  };
}

/** A provider of a server; it is closed after the test. */
export async function providerOf(
  { url }: Pick<HostileServer, 'url'>,
  options: Partial<RemoteProviderOptions> = {},
): Promise<RemoteEmbedder> {
  const provider = await createRemoteProvider({
    kind: 'openai',
    url,
    space: { model: 'small', dimensions: DIMENSIONS },
    retries: 0,
    ...options,
  });
  onTestFinished(() => provider.close());
  return provider;
}
