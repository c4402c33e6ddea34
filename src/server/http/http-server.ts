import type { AddressInfo } from 'node:net';
import swagger from '@fastify/swagger';
import { systemErrorCode, IsovecError } from '../../shared/isovec-error.js';
import type { ApiKeys } from '../authentication.js';
import type { TlsFiles } from '../check-tls.js';
import type { ServerMetrics } from '../metrics/server-metrics.js';
import type { Service } from '../service.js';
import { apiDocument } from './api-document.js';
import { allowOrigins } from './allow-origins.js';
import { createHttpApp, type HttpLimits } from './create-http-app.js';
import type { HttpApp } from './http-app.js';
import { HttpService } from './http-service.js';
import { refuseOtherNames } from './refuse-other-names.js';
import { embedRoutes } from './routes/embed.js';
import { healthRoutes } from './routes/health.js';
import { infoRoute } from './routes/info.js';
import { memoryRoutes } from './routes/memory.js';
import { metricsRoute } from './routes/metrics.js';
import { openApiRoute } from './routes/open-api.js';
import { openAiEmbeddings } from './routes/openai-embeddings.js';
import { openAiModels } from './routes/openai-models.js';
import { otherKindRoutes } from './routes/other-kinds.js';
import { pageRoute } from './routes/page.js';
import { similarityRoute } from './routes/similarity.js';
import { tokenRoutes } from './routes/tokens.js';

/** What a server over HTTP is made of. */
export interface HttpServerOptions {
  readonly service: Service;
  readonly metrics: ServerMetrics;
  readonly limits: HttpLimits;
  readonly keys: ApiKeys;
  /** Certificate chain and private key, as PEM; without them the connection is in the clear. */
  readonly tls: TlsFiles | undefined;
  /** Origins whose pages may call; '*' is any. */
  readonly corsOrigins: readonly string[];
  /** Whether somebody else keeps strangers out of a server without keys. */
  readonly allowAnonymous: boolean;
}

/** REST in the shapes of isovec, OpenAI and text-embeddings-inference. */
export class HttpServer {
  readonly #app: HttpApp;
  #closing: Promise<boolean> | undefined;

  private constructor(app: HttpApp) {
    this.#app = app;
  }

  /** Makes a server that does not listen yet. */
  static async create(options: HttpServerOptions): Promise<HttpServer> {
    const { service, metrics, limits, keys, tls, corsOrigins, allowAnonymous } = options;
    const app = createHttpApp(limits, service.observer, tls);
    // Before keys are looked at: a browser asks without one whether it may ask.
    await allowOrigins(app, corsOrigins);
    // A client that keeps its connection would otherwise be told so again and again.
    app.addHook('onSend', (_request, reply, _payload, done) => {
      if (service.draining) reply.header('connection', 'close');
      done();
    });
    app.addHook('onRequest', ({ headers, routeOptions }, _reply, done) => {
      const bare = headers['x-api-key'] ?? headers['api-key'];
      if (routeOptions.config.open !== true) keys.check(headers.authorization, Array.isArray(bare) ? bare[0] : bare);
      done();
    });
    await app.register(swagger, apiDocument({ version: service.version, keys: keys.wanted }));
    const http = new HttpService(service);
    await app.register(async (routes: HttpApp) => {
      openAiEmbeddings(routes, http);
      openAiModels(routes, http);
      embedRoutes(routes, http);
      similarityRoute(routes, http);
      tokenRoutes(routes, http);
      otherKindRoutes(routes, http);
      infoRoute(routes, http, service.version);
      healthRoutes(routes, http);
      metricsRoute(routes, metrics);
      openApiRoute(routes);
      pageRoute(routes);
      await Promise.resolve();
    });
    await app.register(async (routes: HttpApp) => {
      if (service.memory !== undefined && !keys.wanted && !allowAnonymous)
        routes.addHook('onRequest', refuseOtherNames);
      memoryRoutes(routes, http);
      await Promise.resolve();
    });
    await app.ready();
    return new HttpServer(app);
  }

  /** Listens; port 0 takes a free one. CONFIG_INVALID if the address cannot be had. */
  async listen(host: string, port: number): Promise<AddressInfo> {
    try {
      await this.#app.listen({ host, port });
    } catch (cause) {
      const reason = { EADDRINUSE: 'another process has it', EACCES: 'it needs more rights' }[
        systemErrorCode(cause) ?? ''
      ];
      throw new IsovecError(
        'CONFIG_INVALID',
        `The server cannot listen on ${host}:${port}${reason === undefined ? '' : ` (${reason})`}; choose another --host or --port.`,
        { cause },
      );
    }
    const address = this.#app.server.address();
    if (address === null || typeof address === 'string')
      throw new IsovecError('INTERNAL', 'The server has no address.');
    return address;
  }

  /**
   * Stops listening, closes idle connections, and lets answers end that are on their way; those that take longer than so
   * many milliseconds are cut off. Whether none was. Idempotent.
   */
  close(graceMilliseconds: number): Promise<boolean> {
    this.#closing ??= this.#end(graceMilliseconds);
    return this.#closing;
  }

  async #end(graceMilliseconds: number): Promise<boolean> {
    let complete = true;
    const timer = setTimeout(() => {
      complete = false;
      this.#app.server.closeAllConnections();
    }, graceMilliseconds);
    await this.#app.close();
    clearTimeout(timer);
    return complete;
  }
}
