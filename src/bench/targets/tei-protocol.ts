import type { ProtocolAnswer, ServerProtocol } from './server-protocol.js';

/** `POST /embed` of text-embeddings-inference. Texts are cut to the model's limit, as the library does. */
export const teiProtocol: ServerProtocol = {
  endpoint(base: URL): URL {
    const path = base.pathname.replace(/\/+$/, '');
    return new URL(`${path.endsWith('/embed') ? path : `${path}/embed`}${base.search}`, base);
  },
  request(texts: readonly string[]): unknown {
    return { inputs: texts, truncate: true };
  },
  read(body: unknown, headers: Headers): ProtocolAnswer | undefined {
    if (!Array.isArray(body)) return undefined;
    const tokens = headers.get('x-compute-tokens');
    return { vectors: body, tokens: tokens !== null && /^\d+$/.test(tokens) ? Number(tokens) : undefined };
  },
};
