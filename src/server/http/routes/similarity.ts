import { z } from 'zod';
import type { EmbedRequest } from '../../embed-texts.js';
import type { HttpApp } from '../http-app.js';
import type { HttpService } from '../http-service.js';
import { problem, similarityRequest, similarityResponse, teiSimilarityRequest } from '../schemas/native.js';
import { teiError } from '../schemas/tei.js';
import { sendJson } from '../send-json.js';
import { validate } from '../validate.js';

/** POST /similarity in both shapes. */
export function similarityRoute(app: HttpApp, service: HttpService): void {
  app.route({
    method: 'POST',
    url: '/similarity',
    config: { family: 'by body' },
    schema: {
      tags: ['Native', 'TEI'],
      summary: "Scores of texts against each other by the model's own similarity",
      body: z.union([similarityRequest, teiSimilarityRequest]),
      response: {
        200: z.union([similarityResponse, z.array(z.number())]),
        '4xx': z.union([problem, teiError]),
        '5xx': z.union([problem, teiError]),
      },
    },
    validatorCompiler: () => (value) => {
      const isTei = typeof value === 'object' && value !== null && 'inputs' in value;
      return validate(isTei ? teiSimilarityRequest : similarityRequest, value, 'body');
    },
    handler: async (request, reply) => {
      const { body } = request;
      const score = async (a: readonly string[], b: readonly string[], model: string | undefined, options: Options) => {
        const result = await service.embed(request, reply, model, { ...options, inputs: [...a, ...b] });
        const rows = result.rows.map((row) => row ?? new Float32Array());
        const { data, columns } = result.model.embedder.similarity(rows.slice(0, a.length), rows.slice(a.length));
        return { scores: a.map((_, row) => data.subarray(row * columns, (row + 1) * columns)), result };
      };
      if ('inputs' in body) {
        const { source_sentence: source, sentences } = body.inputs;
        const { truncate = false, prompt_name: promptName } = body.parameters ?? {};
        const { scores } = await score([source], sentences, undefined, { truncate, promptName });
        return sendJson(reply, scores[0] ?? []);
      }
      const { scores, result } = await score(body.a, body.b ?? body.a, body.model, { truncate: body.truncate });
      const { embedder, name } = result.model;
      return sendJson(reply, { scores, similarity: embedder.info().similarity, model: name });
    },
  });
}

type Options = Pick<EmbedRequest, 'truncate' | 'promptName'>;
