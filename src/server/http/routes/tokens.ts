import type { HttpApp } from '../http-app.js';
import type { HttpService } from '../http-service.js';
import { isTokenIds } from '../inputs-of.js';
import { teiDecodeRequest, teiDecodeResponse, teiTokenizeRequest, teiTokenizeResponse } from '../schemas/tei.js';
import { promptOf } from '../../prompt-of.js';
import { teiTokens } from '../../tei-tokens.js';

/** POST /tokenize and /decode. */
export function tokenRoutes(app: HttpApp, service: HttpService): void {
  app.route({
    method: 'POST',
    url: '/tokenize',
    config: { family: 'tei' },
    schema: {
      tags: ['TEI'],
      operationId: 'tokenize',
      summary: 'The tokens of texts, and where they are',
      body: teiTokenizeRequest,
      response: { 200: teiTokenizeResponse },
    },
    handler: (request, reply) =>
      service.work(request, async ({ embedder }) => {
        const { inputs, add_special_tokens: addSpecialTokens, prompt_name: promptName } = request.body;
        const texts = service.checkCount(typeof inputs === 'string' ? [inputs] : inputs);
        const prompt = promptName === undefined || promptName === null ? '' : promptOf(embedder, promptName);
        const started = performance.now();
        const lists = [];
        for (const input of texts) {
          const text = prompt + input;
          lists.push(teiTokens(text, await embedder.tokens.explain(text, { addSpecialTokens })));
        }
        service.tokenized(request, reply, {
          texts: lists.length,
          tokens: lists.reduce((sum, { length }) => sum + length, 0),
          milliseconds: performance.now() - started,
        });
        return lists.map((tokens) =>
          tokens.map(({ id, text, special, start, stop }) => ({
            id,
            text,
            special,
            start: start ?? null,
            stop: stop ?? null,
          })),
        );
      }),
  });
  app.route({
    method: 'POST',
    url: '/decode',
    config: { family: 'tei' },
    schema: {
      tags: ['TEI'],
      operationId: 'decode',
      summary: 'The text that token ids stand for',
      body: teiDecodeRequest,
      response: { 200: teiDecodeResponse },
    },
    handler: (request, reply) =>
      service.work(request, async ({ embedder }) => {
        const { ids, skip_special_tokens: skipSpecialTokens } = request.body;
        const lists = isTokenIds(ids) ? [ids] : ids;
        const started = performance.now();
        const texts: string[] = [];
        for (const list of service.checkCount(lists)) {
          texts.push(await embedder.tokens.decode(list, { skipSpecialTokens }));
        }
        service.tokenized(request, reply, {
          texts: texts.length,
          tokens: lists.reduce((sum, { length }) => sum + length, 0),
          milliseconds: performance.now() - started,
        });
        return texts;
      }),
  });
}
