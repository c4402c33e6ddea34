import type { HttpApp } from '../http-app.js';
import type { HttpService } from '../http-service.js';
import { infoQuery, infoResponse } from '../schemas/native.js';

/** GET /info: what is served, and within which limits; of the first model, or of the one in `model`. */
export function infoRoute(app: HttpApp, { models, limits, memory }: HttpService, version: string): void {
  app.route({
    method: 'GET',
    url: '/info',
    schema: {
      tags: ['TEI', 'Operation'],
      operationId: 'info',
      summary: 'What is served, and its limits',
      querystring: infoQuery,
      response: { 200: infoResponse },
    },
    handler: async ({ query }) => {
      const { name, embedder } = await models.select(query.model);
      const info = embedder.info();
      return {
        model_id: name,
        model_sha: info.revision ?? null,
        model_dtype: info.dtype,
        model_type: { embedding: { pooling: info.pooling.join('+') } },
        max_input_length: info.maxSequenceLength,
        max_client_batch_size: limits.maxInputs,
        max_request_tokens: limits.maxTokens,
        version,
        checkpoint: info.space.checkpoint,
        space: info.space.fingerprint,
        provider: info.provider,
        device: info.device,
        attempts: info.attempts,
        dimensions: info.dimensions,
        normalizes: info.normalizes,
        similarity: info.similarity,
        prompts: info.prompts,
        models: models.names,
        memory: memory !== undefined,
      };
    },
  });
}
