import { randomUUID } from 'node:crypto';
import { fastify, type FastifyError, type FastifyReply, type FastifyRequest } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import type { z } from 'zod';
import { isIsovecError, IsovecError, toIsovecError } from '../../shared/isovec-error.js';
import { errorAnswer, type RouteFamily } from './error-shapes.js';
import type { HttpApp } from './http-app.js';
import { parseJson } from './parse-json.js';
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
/** A caller's own request id is taken if it cannot do harm in a log. */
const REQUEST_ID = /^[\w.:-]{1,128}$/;

/**
 * A server without routes: bodies, errors and limits are the same for all that are added. `onFailure` hears of every error
 * that is answered.
 */
export function createHttpApp(
  { maxBodyBytes, requestTimeout }: HttpLimits,
  onFailure: (error: IsovecError) => void,
): HttpApp {
  const app = fastify({
    bodyLimit: maxBodyBytes,
    requestTimeout,
    http: { maxHeaderSize: MAX_HEADER_BYTES, headersTimeout: requestTimeout },
    genReqId: ({ headers }) => requestId(headers['x-request-id']),
    exposeHeadRoutes: true,
    // Until the last connection is closed, new work is refused in the shapes of the routes.
    return503OnClosing: false,
    logger: false,
  }).withTypeProvider<ZodTypeProvider>();
  app.setValidatorCompiler<z.ZodType>(
    ({ schema, httpPart }) =>
      (value) =>
        validate(schema, value, httpPart ?? 'request'),
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
  app.addHook('onRequest', async (request, reply) => {
    reply.header('x-request-id', request.id);
    const { 'content-encoding': encoding } = request.headers;
    if (encoding === undefined || encoding === 'identity') return;
    throw refused(415, `Bodies must not be compressed; content-encoding ${encoding.slice(0, 40)} is refused.`);
  });
  const answer = (error: IsovecError, request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> => {
    onFailure(error);
    return sendError(error, request, reply);
  };
  app.setErrorHandler((error: FastifyError, request, reply) => answer(toServiceError(error), request, reply));
  app.setNotFoundHandler((request, reply) => {
    const path = pathOf(request);
    const allowed = ['GET', 'POST'].filter((method) => app.hasRoute({ method, url: path }));
    if (allowed.length === 0) {
      const message = `There is no route ${path.slice(0, 200)}; /docs lists those that are there.`;
      return answer(new IsovecError('NOT_FOUND', message), request, reply);
    }
    reply.header('allow', allowed.join(', '));
    return answer(refused(405, `${path} takes ${allowed.join(' and ')}, not ${request.method}.`), request, reply);
  });
  return app;
}

/** A refusal for which HTTP has a status of its own. */
function refused(http: number, message: string): IsovecError {
  return new IsovecError('INPUT_INVALID', message, { data: { http } });
}

async function sendError(error: IsovecError, request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> {
  const { status, contentType, headers, body } = errorAnswer(error, familyOf(request));
  return reply.code(status).headers(headers).type(contentType).send(JSON.stringify(body));
}

/** The route's own, or by the path where there is no route. */
function familyOf(request: FastifyRequest): RouteFamily {
  const { family } = request.routeOptions.config;
  if (family === 'by body') return isObject(request.body) && 'inputs' in request.body ? 'tei' : 'native';
  return family ?? (/^\/(v1\/|v1$|embeddings$)/.test(pathOf(request)) ? 'openai' : 'native');
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
