import { IsovecError } from '../shared/isovec-error.js';
import { type Logger, silentLogger } from '../shared/log.js';
import { ApiKeys } from './authentication.js';
import { checkTls, type TlsFiles } from './check-tls.js';
import { Drain, GRACE_MILLISECONDS } from './drain.js';
import { DEFAULT_HTTP_LIMITS, type HttpLimits } from './http/create-http-app.js';
import type { GrpcServer } from './grpc/grpc-server.js';
import { HttpServer } from './http/http-server.js';
import { ServerMetrics } from './metrics/server-metrics.js';
import { ServerObserver } from './observation/server-observer.js';
import { isLoopback } from './is-loopback.js';
import { listen } from './listen.js';
import { ServedMemory, type ServerMemoryOptions } from './memory/served-memory.js';
import { packageVersion } from './package-version.js';
import { type OfferedModel, ServedModels } from './served-models.js';
import { Service } from './service.js';
import { DEFAULT_SERVICE_LIMITS, type ServiceLimits } from './service-limits.js';

/** Options of {@link startServer}. */
export interface ServerOptions {
  /** Address to listen on; 127.0.0.1 by default. */
  readonly host?: string;
  /** Port; 0 takes a free one; 8080 by default. */
  readonly port?: number;
  /** Port of gRPC, on the same address; 0 takes a free one; absent there is no gRPC. */
  readonly grpcPort?: number;
  /** Certificate chain and private key as PEM; without them connections are in the clear. */
  readonly tls?: TlsFiles;
  /** Origins whose pages may call the server from a browser; '*' is any. None by default. */
  readonly corsOrigins?: readonly string[];
  /** Keys that requests must carry one of. */
  readonly apiKeys?: readonly string[];
  /** Whether a server that others can reach may do without keys. */
  readonly allowAnonymous?: boolean;
  /** A memory that is served beside the models; none by default. */
  readonly memory?: ServerMemoryOptions;
  readonly limits?: Partial<ServiceLimits & HttpLimits>;
  /** Hears of start and end, of requests that fail, and of every request as `debug`; never of a text or a key. */
  readonly logger?: Logger;
}

/** A server that listens. */
export interface RunningServer {
  /** Where it listens, with the port that it was given. */
  readonly url: string;
  /** Where it listens for gRPC, as `host:port`. */
  readonly grpcAddress?: string;
  /**
   * Refuses new work, answers what was begun within so many milliseconds, and stops listening: whether all was answered.
   * The models stay open: whoever loaded them closes them. Idempotent.
   */
  readonly close: (graceMilliseconds?: number) => Promise<boolean>;
}

/** Where it listens unless it is told otherwise. */
export const HTTP_PORT = 8080;

/**
 * Serves models: waits until all sessions of those that are loaded are ready, then listens. CONFIG_INVALID for options that
 * contradict each other or an address that cannot be had, SPACE_MISMATCH for a memory whose vectors no model gives.
 */
export async function startServer(
  models: readonly OfferedModel[],
  options: ServerOptions = {},
): Promise<RunningServer> {
  const {
    host = '127.0.0.1',
    port = HTTP_PORT,
    grpcPort,
    tls,
    corsOrigins = [],
    apiKeys = [],
    allowAnonymous = false,
    limits = {},
    logger = silentLogger,
  } = options;
  if (apiKeys.length === 0 && !allowAnonymous && !isLoopback(host)) {
    throw new IsovecError(
      'CONFIG_INVALID',
      `On ${host} others can reach the server: give it API keys, or allow anonymous requests.`,
      { data: { option: 'apiKeys' } },
    );
  }
  if (tls !== undefined) checkTls(tls);
  const drain = new Drain();
  const served = new ServedModels(models);
  // Loaded when it is wanted: it takes a tenth of a second, in which sessions start on other threads.
  const [, grpcModule] = await Promise.all([
    served.start(),
    grpcPort === undefined ? undefined : import('./grpc/grpc-server.js'),
  ]);
  const memory = options.memory === undefined ? undefined : await ServedMemory.open(served, options.memory);
  const metrics = new ServerMetrics(served, drain);
  const observer = new ServerObserver(metrics, logger);
  const service = new Service({
    models: served,
    memory,
    limits: { ...DEFAULT_SERVICE_LIMITS, ...limits },
    drain,
    observer,
    version: packageVersion(),
  });
  const keys = new ApiKeys(apiKeys);
  const httpLimits = { ...DEFAULT_HTTP_LIMITS, ...limits };
  const http = await HttpServer.create({
    service,
    metrics,
    limits: httpLimits,
    keys,
    tls,
    corsOrigins,
    allowAnonymous,
  });
  let grpc: GrpcServer | undefined;
  if (grpcModule !== undefined) {
    grpc = new grpcModule.GrpcServer({ service, keys, maxMessageBytes: httpLimits.maxBodyBytes, tls });
  }
  const { url, grpcAddress } = await listen(http, grpc, { host, port, grpcPort, secure: tls !== undefined }).catch(
    async (error: unknown) => {
      await http.close(0);
      metrics.close();
      throw error;
    },
  );
  served.onReady(({ name, embedder }) => {
    const { provider, device, dtype, dimensions, attempts } = embedder.info();
    const tried = attempts.length === 0 ? {} : { attempts };
    logger.info('serving', { url, grpc: grpcAddress, model: name, provider, device, dtype, dimensions, ...tried });
  });
  let closing: Promise<boolean> | undefined;
  const end = async (grace: number): Promise<boolean> => {
    logger.info('ending: no new work is taken', { open: drain.open, graceMs: grace });
    const begun = performance.now();
    grpc?.beginDrain();
    const done = await drain.end(grace);
    const left = Math.max(0, grace - (performance.now() - begun));
    const sent = await Promise.all([http.close(left), grpc?.close(left)]);
    const complete = done && !sent.includes(false);
    if (!complete) logger.warn('ended before everything was answered', { open: drain.open });
    metrics.close();
    observer.close();
    logger.info('ended');
    return complete;
  };
  return {
    url,
    ...(grpcAddress === undefined ? {} : { grpcAddress }),
    close: (grace = GRACE_MILLISECONDS) => (closing ??= end(grace)),
  };
}
