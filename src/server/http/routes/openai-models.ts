import { z } from 'zod';
import type { ServedModels } from '../../served-models.js';
import type { HttpApp } from '../http-app.js';
import type { HttpService } from '../http-service.js';
import { type OpenAiModel, openAiModel, openAiModelList } from '../schemas/openai.js';

/** GET /v1/models and /v1/models/{id}; ids hold slashes. */
export function openAiModels(app: HttpApp, { models }: HttpService): void {
  app.route({
    method: 'GET',
    url: '/v1/models',
    config: { family: 'openai' },
    schema: {
      tags: ['OpenAI'],
      operationId: 'listModels',
      summary: 'The models that are served',
      response: { 200: openAiModelList },
    },
    handler: () => Promise.resolve({ object: 'list' as const, data: models.names.map((name) => shown(name, models)) }),
  });
  app.route({
    method: 'GET',
    url: '/v1/models/*',
    config: { family: 'openai', wildcard: 'model' },
    schema: {
      tags: ['OpenAI'],
      operationId: 'retrieveModel',
      summary: 'One model that is served',
      params: z.object({ '*': z.string().min(1).describe('Its id, which may hold slashes.') }),
      response: { 200: openAiModel },
    },
    handler: async (request) => Promise.resolve(shown(request.params['*'], models)),
  });
}

function shown(name: string, models: ServedModels): OpenAiModel {
  return { id: name, object: 'model', created: Math.floor(models.since(name) / 1000), owned_by: 'isovec' };
}
