import type { AddressInfo } from 'node:net';
import swagger from '@fastify/swagger';
import { jsonSchemaTransform } from 'fastify-type-provider-zod';
import { systemErrorCode, IsovecError } from '../../shared/isovec-error.js';
import { ApiKeys } from './authentication.js';
import { createHttpApp, type HttpLimits } from './create-http-app.js';
import type { HttpApp } from './http-app.js';
import { HttpService, type HttpServiceParts } from './http-service.js';
import { embedRoutes } from './routes/embed.js';
import { healthRoutes } from './routes/health.js';
import { infoRoute } from './routes/info.js';
import { metricsRoute } from './routes/metrics.js';
import { openAiEmbeddings } from './routes/openai-embeddings.js';
import { openAiModels } from './routes/openai-models.js';
import { otherKindRoutes } from './routes/other-kinds.js';
import { pageRoute } from './routes/page.js';
import { similarityRoute } from './routes/similarity.js';
import { tokenRoutes } from './routes/tokens.js';

/** What a server over HTTP is made of. */
export interface HttpServerOptions extends HttpServiceParts {
  /** Version of the package. */
  readonly version: string;
  readonly httpLimits: HttpLimits;
  /** Keys that requests must carry one of; none for an open server. */
  readonly apiKeys: readonly string[];
}

/** REST in the shapes of isovec, OpenAI and text-embeddings-inference. */
export class HttpServer {
  readonly #app: HttpApp;
  #closing: Promise<void> | undefined;

  private constructor(app: HttpApp) {
    this.#app = app;
  }

  /** Makes a server that does not listen yet. */
  static async create({ version, httpLimits, apiKeys, ...parts }: HttpServerOptions): Promise<HttpServer> {
    const app = createHttpApp(httpLimits, ({ code }) => {
      parts.metrics.failed(code);
    });
    const keys = new ApiKeys(apiKeys);
    app.addHook('onRequest', ({ headers, routeOptions }, _reply, done) => {
      const bare = headers['x-api-key'] ?? headers['api-key'];
      if (routeOptions.config.open !== true) keys.check(headers.authorization, Array.isArray(bare) ? bare[0] : bare);
      done();
    });
    await app.register(swagger, {
      openapi: {
        openapi: '3.1.0',
        info: { title: 'isovec', version, description: 'Sentence embeddings: native, OpenAI and TEI routes.' },
        components: { securitySchemes: { key: { type: 'http', scheme: 'bearer' } } },
        ...(apiKeys.length === 0 ? {} : { security: [{ key: [] }] }),
      },
      transform: jsonSchemaTransform,
    });
    const service = new HttpService(parts);
    await app.register(async (routes: HttpApp) => {
      openAiEmbeddings(routes, service);
      openAiModels(routes, service);
      embedRoutes(routes, service);
      similarityRoute(routes, service);
      tokenRoutes(routes, service);
      otherKindRoutes(routes, service);
      infoRoute(routes, service, version);
      healthRoutes(routes, service);
      metricsRoute(routes, parts.metrics);
      pageRoute(routes);
      routes.get('/openapi.json', { schema: { hide: true }, config: { open: true } }, () => routes.swagger());
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

  /** Stops listening and closes idle connections; those that are answered end first. Idempotent. */
  close(): Promise<void> {
    this.#closing ??= this.#app.close().then(() => undefined);
    return this.#closing;
  }
}
