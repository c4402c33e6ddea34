import { randomUUID } from 'node:crypto';
import { fastify, type FastifyError, type FastifyReply, type FastifyRequest } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import type { z } from 'zod';
import { isIsovecError, IsovecError, toIsovecError } from '../../shared/isovec-error.js';
import { ClientErrors } from './client-errors.js';
import { type ErrorAnswer, errorAnswer, type RouteFamily } from './error-shapes.js';
import type { TlsFiles } from '../check-tls.js';
import type { HttpApp } from './http-app.js';
import type { ServerObserver } from '../observation/server-observer.js';
import { observe, observeRequests, observeUnreadable } from './observe-requests.js';
import { parseJson } from './parse-json.js';
import { refused } from './refused.js';
import { RouteTable } from './route-table.js';
import { validate } from './validate.js';

/** What bounds a connection, whatever it asks for. */
export interface HttpLimits {
  /** Most bytes of a body, counted while it arrives. */
  readonly maxBodyBytes: number;
  /** Longest time in which a request must have arrived as a whole, in milliseconds (CWE-400: slow senders). */
  readonly requestTimeout: number;
}

/** Those of a server on the open network. */
export const DEFAULT_HTTP_LIMITS: HttpLimits = { maxBodyBytes: 32 * 1024 * 1024, requestTimeout: 30_000 };

/** Bytes of all headers of a request; what browsers and proxies send is far below. */
const MAX_HEADER_BYTES = 16_384;
/** Headers of a request, of which browsers and proxies send some thirty. */
const MAX_HEADERS = 128;
/** A caller's own request id is taken if it cannot do harm in a log. */
const REQUEST_ID = /^[\w.:-]{1,128}$/;

/** A server without routes: bodies, errors, limits and what is observed are the same for all that are added. */
export function createHttpApp(
  { maxBodyBytes, requestTimeout }: HttpLimits,
  observer: ServerObserver,
  tls?: TlsFiles,
): HttpApp {
  const routes = new RouteTable();
  const clientErrors = new ClientErrors({
    familyOf: (path) => routes.family(path),
    onFailure: (error, status) => {
      observeUnreadable(error, status, observer);
    },
  });
  const answer = (error: IsovecError, request: FastifyRequest, reply: FastifyReply): FastifyReply => {
    const shown = errorAnswer(error, familyOf(request, routes));
    const observed = observe(request, observer);
    observed.failed(error);
    // Hooks do not run for what the framework refuses before it looks for a route.
    observed.end(shown.status);
    return sendError(shown, reply);
  };
  const connection = {
    maxHeaderSize: MAX_HEADER_BYTES,
    headersTimeout: requestTimeout,
    // How exact the two times are: connections are looked through so often.
    connectionsCheckingInterval: Math.ceil(requestTimeout / 10),
    // Node's own refusal has no body; ours is in the hook below.
    requireHostHeader: false,
  };
  const app: HttpApp = fastify({
    bodyLimit: maxBodyBytes,
    requestTimeout,
    // One of the two is there; what the framework's types make of that is the same app.
    ...(tls === undefined ? { http: connection } : ({ https: { ...connection, ...tls } } as object)),
    clientErrorHandler: clientErrors.handle,
    frameworkErrors: (error, request, reply) => void answer(toServiceError(error), request, reply),
    genReqId: ({ headers }) => requestId(headers['x-request-id']),
    exposeHeadRoutes: true,
    // Until the last connection is closed, new work is refused in the shapes of the routes.
    return503OnClosing: false,
    logger: false,
  }).withTypeProvider<ZodTypeProvider>();
  clientErrors.watch(app.server);
  app.addHook('onRoute', (route) => {
    routes.add(route);
  });
  app.setValidatorCompiler<z.ZodType>(
    ({ schema, httpPart }) =>
      // The service reads headers itself, as it does those of gRPC.
      (value: unknown) =>
        httpPart === 'headers' ? { value } : validate(schema, value, httpPart ?? 'request'),
  );
  // Answers are made here and checked by tests; checking every number of every vector again would cost more than it finds.
  app.setSerializerCompiler(() => (answer) => JSON.stringify(answer));
  app.removeAllContentTypeParsers();
  app.addContentTypeParser<Buffer>('application/json', { parseAs: 'buffer' }, (_request, body, done) => {
    try {
      done(null, parseJson(body));
    } catch (error) {
      done(toIsovecError(error), undefined);
    }
  });
  observeRequests(app, observer);
  app.addHook('onRequest', async (request, reply) => {
    reply.header('x-request-id', request.id);
    refuseHeaders(request);
  });
  app.setErrorHandler((error: FastifyError, request, reply) => answer(toServiceError(error), request, reply));
  const missing = (request: FastifyRequest, reply: FastifyReply): IsovecError => {
    const path = pathOf(request);
    const allowed = routes.allowed(path);
    if (allowed === '') {
      const message = `There is no route ${path.slice(0, 200)}; /docs shows those that are there.`;
      return new IsovecError('NOT_FOUND', message);
    }
    reply.header('allow', allowed);
    return refused(405, `${path} takes ${allowed}, not ${request.method}.`);
  };
  // Before a body is looked at that nothing waits for.
  app.addHook('preParsing', async (request, reply) => {
    if (request.is404) throw missing(request, reply);
  });
  app.setNotFoundHandler((request, reply) => answer(missing(request, reply), request, reply));
  return app;
}

/** Refuses what headers alone show to be wrong. */
function refuseHeaders({ headers, raw }: FastifyRequest): void {
  const count = raw.rawHeaders.length / 2;
  if (count > MAX_HEADERS) throw refused(431, `The request has ${count} headers; the limit is ${MAX_HEADERS}.`);
  // RFC 9112, 3.2.
  if (headers.host === undefined && raw.httpVersion === '1.1') throw refused(400, 'The request has no Host header.');
  const { 'content-encoding': encoding } = headers;
  if (encoding === undefined || encoding === 'identity') return;
  throw refused(415, `Bodies must not be compressed; content-encoding ${encoding.slice(0, 40)} is refused.`);
}

function sendError({ status, contentType, headers, body }: ErrorAnswer, reply: FastifyReply): FastifyReply {
  // The framework closes the connection after a body that it could not read. What is left of it is read and dropped instead,
  // within the time of a request: a client that still sends would lose this answer with the connection.
  reply.removeHeader('connection');
  return reply.code(status).headers(headers).type(contentType).send(JSON.stringify(body));
}

/** The route's own, or by the path where there is no route. */
function familyOf(request: FastifyRequest, routes: RouteTable): RouteFamily {
  const { family } = request.routeOptions.config;
  if (family === 'by body') return isObject(request.body) && 'inputs' in request.body ? 'tei' : 'native';
  return family ?? routes.family(pathOf(request));
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}

function pathOf({ url }: FastifyRequest): string {
  return url.split('?', 1)[0] ?? url;
}

/** The framework's errors in ours. */
function toServiceError(error: FastifyError): IsovecError {
  if (isIsovecError(error)) return error;
  switch (error.code) {
    case 'FST_ERR_CTP_BODY_TOO_LARGE':
      return new IsovecError('BODY_TOO_LARGE', 'The body is larger than this server takes; split the request.');
    case 'FST_ERR_CTP_INVALID_MEDIA_TYPE':
      return refused(415, 'The body must be JSON, with the header content-type: application/json.');
    default:
      if (error.statusCode !== undefined && error.statusCode < 500) return refused(error.statusCode, error.message);
      return new IsovecError('INTERNAL', 'The server failed.', { cause: error });
  }
}

function requestId(asked: string | string[] | undefined): string {
  return typeof asked === 'string' && REQUEST_ID.test(asked) ? asked : randomUUID();
}
