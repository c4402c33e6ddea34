import cors from '@fastify/cors';
import { IsovecError } from '../../shared/isovec-error.js';
import type { HttpApp } from './http-app.js';

/** What a page may read of an answer beside its body. */
const EXPOSED = [
  'x-request-id',
  'retry-after',
  ...['tokens', 'truncated', 'tokenize-ms', 'queue-ms', 'inference-ms'].map((name) => `x-isovec-${name}`),
];
/** How long a browser remembers that it may ask, in seconds. */
const MAX_AGE = 600;

/** Lets pages of other origins call the server from a browser. CONFIG_INVALID for what is no origin; without any, nothing. */
export async function allowOrigins(app: HttpApp, origins: readonly string[]): Promise<void> {
  if (origins.length === 0) return;
  for (const origin of origins) {
    if (origin === '*' || (URL.canParse(origin) && new URL(origin).origin === origin)) continue;
    throw new IsovecError(
      'CONFIG_INVALID',
      `${JSON.stringify(origin)} is no origin: it is a scheme, a host and at most a port, as in https://example.org, or *.`,
      { data: { option: 'corsOrigins' } },
    );
  }
  await app.register(cors, {
    origin: origins.includes('*') ? '*' : [...origins],
    methods: ['GET', 'HEAD', 'POST'],
    exposedHeaders: EXPOSED,
    maxAge: MAX_AGE,
  });
}
