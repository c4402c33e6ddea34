import type { IncomingMessage, ServerResponse } from 'node:http';
import type { FastifyBaseLogger, FastifyInstance, RawServerDefault } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import type { RouteFamily } from './error-shapes.js';

/** The framework's instance with schemas of zod, which validation, types and the API document come from. */
export type HttpApp = FastifyInstance<
  RawServerDefault,
  IncomingMessage,
  ServerResponse,
  FastifyBaseLogger,
  ZodTypeProvider
>;

declare module 'fastify' {
  interface FastifyContextConfig {
    /** How the route tells of errors, 'native' by default; 'by body' is as TEI does where the body has its shape. */
    readonly family?: RouteFamily | 'by body';
    /** Whether the route answers without a key. */
    readonly open?: boolean;
    /** What the end of a path that ends in a wildcard is called in the API document. */
    readonly wildcard?: string;
  }
}
