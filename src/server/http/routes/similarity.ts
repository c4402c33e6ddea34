import { z } from 'zod';
import type { EmbedRequest } from '../../embed-texts.js';
import { bodyShapes } from '../body-shapes.js';
import type { HttpApp } from '../http-app.js';
import type { HttpService } from '../http-service.js';
import { callHeaders } from '../schemas/call-headers.js';
import { similarityRequest, similarityResponse, teiSimilarityRequest } from '../schemas/native.js';
import { sendJson } from '../send-json.js';

/** POST /similarity in both shapes. */
export function similarityRoute(app: HttpApp, service: HttpService): void {
  app.route({
    method: 'POST',
    url: '/similarity',
    config: { family: 'by body' },
    schema: {
      tags: ['Native', 'TEI'],
      operationId: 'similarity',
      summary: "Scores of texts against each other by the model's own similarity",
      body: z.union([similarityRequest, teiSimilarityRequest]),
      headers: callHeaders,
      response: { 200: z.union([similarityResponse, z.array(z.number())]) },
    },
    validatorCompiler: bodyShapes(similarityRequest, teiSimilarityRequest),
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
