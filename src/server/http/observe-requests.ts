import type { FastifyRequest } from 'fastify';
import type { IsovecError } from '../../shared/isovec-error.js';
import type { ObservedRequest } from '../observation/observed-request.js';
import type { ServerObserver } from '../observation/server-observer.js';
import type { HttpApp } from './http-app.js';

const OBSERVED = new WeakMap<FastifyRequest, ObservedRequest>();

/**
 * Begins the account of every request, also of those without a route, and ends it when its answer is ready to be sent: a
 * slow reader does not count as a slow server. To be called before other hooks are added.
 */
export function observeRequests(app: HttpApp, observer: ServerObserver): void {
  app.addHook('onRequest', (request, _reply, done) => {
    observe(request, observer);
    done();
  });
  app.addHook('onSend', (request, reply, payload, done) => {
    observedOf(request)?.end(reply.statusCode);
    done(null, payload);
  });
}

/** The account of a request, which begins here unless it has begun. */
export function observe(request: FastifyRequest, observer: ServerObserver): ObservedRequest {
  const begun = observedOf(request);
  if (begun !== undefined) return begun;
  const { method, id, headers } = request;
  const route = routeOf(request);
  const observed = observer.begin({
    protocol: 'http',
    route,
    method,
    requestId: id,
    spanName: route === '' ? method : `${method} ${route}`,
    headers,
    attributes: {
      'http.request.method': method,
      'url.scheme': request.protocol,
      'network.protocol.version': request.raw.httpVersion,
      'isovec.request_id': id,
      // A path without a route, or behind one with a wildcard, is what the client wrote: it may hold anything.
      ...(route === '' ? {} : { 'http.route': route }),
      ...(route === '' || route.includes('*') ? {} : { 'url.path': route }),
    },
  });
  OBSERVED.set(request, observed);
  return observed;
}

/** Accounts for what never became a request: no HTTP, or too slow or too large to be one. */
export function observeUnreadable(error: IsovecError, status: number, observer: ServerObserver): void {
  const observed = observer.begin({
    protocol: 'http',
    route: '',
    method: '',
    requestId: '',
    spanName: 'HTTP',
    headers: {},
    attributes: {},
  });
  observed.failed(error);
  observed.end(status);
}

/** The account of a request that has begun. */
export function observedOf(request: FastifyRequest): ObservedRequest | undefined {
  return OBSERVED.get(request);
}

function routeOf({ is404, routeOptions }: FastifyRequest): string {
  return is404 ? '' : (routeOptions.url ?? '');
}
