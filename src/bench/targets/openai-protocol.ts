import { isJsonObject } from '../../formats/json/parse-json.js';
import type { ProtocolAnswer, ServerProtocol } from './server-protocol.js';

/** OpenAI's `POST /v1/embeddings`, which most servers speak. */
export const openAiProtocol: ServerProtocol = {
  endpoint(base: URL): URL {
    const path = base.pathname.replace(/\/+$/, '');
    const whole = path.endsWith('/embeddings') ? path : `${path}${path.endsWith('/v1') ? '' : '/v1'}/embeddings`;
    return new URL(`${whole}${base.search}`, base);
  },
  request(texts: readonly string[], model: string): unknown {
    return { input: texts, model, encoding_format: 'float' };
  },
  read(body: unknown): ProtocolAnswer | undefined {
    if (!isJsonObject(body) || !Array.isArray(body['data'])) return undefined;
    const items: readonly unknown[] = body['data'];
    const vectors = new Array<unknown>(items.length).fill(undefined);
    for (const item of items) {
      const index: unknown = isJsonObject(item) ? item['index'] : undefined;
      // The order of the answer is the server's affair: each item says which text it is of, once.
      if (!isJsonObject(item) || typeof index !== 'number' || !(index in vectors) || vectors[index] !== undefined) {
        return undefined;
      }
      vectors[index] = item['embedding'];
    }
    const usage: unknown = body['usage'];
    const tokens: unknown = isJsonObject(usage) ? usage['prompt_tokens'] : undefined;
    return { vectors, tokens: typeof tokens === 'number' ? tokens : undefined };
  },
};
