import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';

/** What a request asked for. */
export interface ServedRequest {
  readonly path: string;
  readonly authorization: string | undefined;
  readonly texts: readonly string[];
}

/** A server on loopback that speaks both protocols. */
export interface EmbeddingServer extends AsyncDisposable {
  readonly url: string;
  readonly requests: readonly ServedRequest[];
}

/** How the server answers: vectors, a status, a text as it stands, or nothing at all. */
export type Answer =
  readonly (readonly number[])[] | { readonly status: number } | { readonly raw: string } | 'silence';

/** Starts a server that answers each request with what `answer` gives. */
export async function embeddingServer(
  answer: (texts: readonly string[], index: number) => Answer | Promise<Answer>,
): Promise<EmbeddingServer> {
  const requests: ServedRequest[] = [];
  const server = createServer((request, response) => {
    void (async () => {
      const body = JSON.parse(await bodyOf(request)) as { readonly input?: string[]; readonly inputs?: string[] };
      const texts = body.input ?? body.inputs ?? [];
      const { url: path = '', headers } = request;
      const index = requests.push({ path, authorization: headers.authorization, texts }) - 1;
      const given = await answer(texts, index);
      if (given === 'silence') return;
      if ('status' in given) {
        response.writeHead(given.status).end('not  now');
        return;
      }
      if ('raw' in given) {
        response.writeHead(200).end(given.raw);
        return;
      }
      const data = given.map((embedding, at) => ({ index: at, embedding })).reverse();
      const text =
        path === '/embed'
          ? JSON.stringify(given)
          : JSON.stringify({ data, usage: { prompt_tokens: texts.length * 3 } });
      response.writeHead(200, path === '/embed' ? { 'x-compute-tokens': String(texts.length * 5) } : {}).end(text);
    })();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString();
}
