/**
 * A server for models that are loaded: REST in the shapes of isovec, OpenAI and text-embeddings-inference.
 *
 * @packageDocumentation
 */
export {
  GRACE_MILLISECONDS,
  type NamedModel,
  type RunningServer,
  type ServerOptions,
  startServer,
} from './start-server.js';
export type { HttpLimits } from './http/create-http-app.js';
export type { ServiceLimits } from './service-limits.js';
