import { base64Of } from '../base64-of.js';
import { shapeVector, vectorShape } from '../../shape-vectors.js';
import type { HttpApp } from '../http-app.js';
import type { HttpService } from '../http-service.js';
import { inputsOf } from '../inputs-of.js';
import { callHeaders } from '../schemas/call-headers.js';
import { openAiEmbeddingsRequest, openAiEmbeddingsResponse } from '../schemas/openai.js';
import { sendJson } from '../send-json.js';

/** POST /v1/embeddings, and /embeddings for clients whose base address has no version. */
export function openAiEmbeddings(app: HttpApp, service: HttpService): void {
  for (const [url, operationId] of [
    ['/v1/embeddings', 'createEmbeddings'],
    ['/embeddings', 'createEmbeddingsWithoutVersion'],
  ] as const) {
    app.route({
      method: 'POST',
      url,
      config: { family: 'openai' },
      schema: {
        tags: ['OpenAI'],
        summary: 'Embed texts or token ids, as OpenAI does',
        operationId,
        body: openAiEmbeddingsRequest,
        headers: callHeaders,
        response: { 200: openAiEmbeddingsResponse },
      },
      handler: async (request, reply) => {
        const { body } = request;
        const result = await service.embed(request, reply, body.model, {
          inputs: inputsOf(body.input),
          truncate: body.truncate,
          dimensions: body.dimensions,
          task: body.input_type ?? 'plain',
        });
        const info = result.model.embedder.info();
        // As OpenAI does it; a model that does not normalise is left as it is.
        const shape = vectorShape(info, result.dimensions, info.normalizes);
        const write = body.encoding_format === 'base64' ? base64Of : (row: Float32Array) => row;
        const tokens = result.tokens.reduce((sum, count) => sum + count, 0);
        return sendJson(reply, {
          object: 'list',
          data: result.rows.map((row, index) => ({
            object: 'embedding',
            index,
            embedding: write(shapeVector(row ?? new Float32Array(), shape)),
          })),
          model: result.model.name,
          usage: { prompt_tokens: tokens, total_tokens: tokens },
          ...(body.truncate ? { truncated: result.truncated } : {}),
        });
      },
    });
  }
}
