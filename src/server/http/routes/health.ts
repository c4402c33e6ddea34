import { z } from 'zod';
import type { HttpApp } from '../http-app.js';
import type { HttpService } from '../http-service.js';

/** How the server is. */
interface Health {
  readonly status: 'ok' | 'degraded' | 'draining';
  readonly models: readonly object[];
}

const health: z.ZodType<Health> = z.object({
  status: z.enum(['ok', 'degraded', 'draining']),
  models: z.array(
    z.object({ id: z.string(), status: z.string(), workers: z.int(), readyWorkers: z.int(), pendingTexts: z.int() }),
  ),
});

/** Whether the process lives, and whether it should be sent work. They answer without a key. */
export function healthRoutes(app: HttpApp, service: HttpService): void {
  const open = { config: { open: true } };
  app.route({
    method: 'GET',
    url: '/health/live',
    ...open,
    schema: {
      tags: ['Operation'],
      operationId: 'live',
      summary: 'Whether the process lives',
      response: { 200: z.object({ status: z.literal('ok') }) },
    },
    handler: () => Promise.resolve({ status: 'ok' as const }),
  });
  for (const [url, operationId] of [
    ['/health/ready', 'ready'],
    ['/health', 'health'],
  ] as const) {
    app.route({
      method: 'GET',
      url,
      ...open,
      schema: {
        tags: ['Operation'],
        operationId,
        summary: 'Whether the server takes work: models are warm, and it is not about to end',
        response: { 200: health, 503: health },
      },
      handler: async (_request, reply) => {
        const state = stateOf(service);
        return reply.code(state.status === 'draining' ? 503 : 200).send(state);
      },
    });
  }
}

/** How a model is that the first request for it loads. */
const UNLOADED = { status: 'unloaded', workers: 0, readyWorkers: 0, pendingTexts: 0 } as const;

function stateOf({ models, draining }: HttpService): Health {
  const states = models.list().map(({ name, embedder }) => {
    const { status, workers, readyWorkers, pendingTexts } = embedder.health();
    return { id: name, status, workers, readyWorkers, pendingTexts };
  });
  const loaded = new Set(states.map(({ id }) => id));
  // Nothing is wrong with a model that no request has asked for.
  const unloaded = models.names.filter((name) => !loaded.has(name)).map((id) => ({ id, ...UNLOADED }));
  const degraded = states.some(({ status }) => status !== 'ok');
  return { status: draining ? 'draining' : degraded ? 'degraded' : 'ok', models: [...states, ...unloaded] };
}
