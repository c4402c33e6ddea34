import { z } from 'zod';
import type { HttpApp } from '../http-app.js';

/** GET /openapi.json, without a key: it tells nothing that this package does not. */
export function openApiRoute(app: HttpApp): void {
  app.route({
    method: 'GET',
    url: '/openapi.json',
    config: { open: true },
    schema: {
      tags: ['Operation'],
      operationId: 'openapi',
      summary: 'This document',
      response: { 200: z.looseObject({ openapi: z.string() }) },
    },
    handler: () => Promise.resolve({ ...app.swagger(), openapi: '3.1.0' }),
  });
}
