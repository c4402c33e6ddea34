import { z } from 'zod';
import type { ServerMetrics } from '../../metrics/server-metrics.js';
import type { HttpApp } from '../http-app.js';

/** GET /metrics, in the text format of Prometheus. */
export function metricsRoute(app: HttpApp, metrics: ServerMetrics): void {
  app.route({
    method: 'GET',
    url: '/metrics',
    schema: {
      tags: ['Operation'],
      operationId: 'metrics',
      summary: 'Figures for Prometheus',
      response: { 200: { content: { 'text/plain': { schema: z.string() } } } },
    },
    handler: async (_request, reply) => {
      const { text, contentType } = await metrics.exposition();
      // The framework's serializer would write JSON.
      return reply
        .type(contentType)
        .serializer((answer: unknown) => String(answer))
        .send(text);
    },
  });
}
