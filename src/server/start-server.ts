import { readFileSync } from 'node:fs';
import { isIP } from 'node:net';
import { IsovecError } from '../shared/isovec-error.js';
import type { Embedder } from '../engine/embedder.js';
import { Drain } from './drain.js';
import { DEFAULT_HTTP_LIMITS, type HttpLimits } from './http/create-http-app.js';
import { HttpServer } from './http/http-server.js';
import { ServerMetrics } from './metrics/server-metrics.js';
import { ServedModels } from './served-models.js';
import { DEFAULT_SERVICE_LIMITS, type ServiceLimits } from './service-limits.js';

/** A loaded model and the name that requests select it by. */
export interface NamedModel {
  readonly name: string;
  readonly embedder: Embedder;
}

/** Options of {@link startServer}. */
export interface ServerOptions {
  /** Address to listen on; 127.0.0.1 by default. */
  readonly host?: string;
  /** Port; 0 takes a free one; 8080 by default. */
  readonly port?: number;
  /** Keys that requests must carry one of. */
  readonly apiKeys?: readonly string[];
  /** Whether a server that others can reach may do without keys. */
  readonly allowAnonymous?: boolean;
  readonly limits?: Partial<ServiceLimits & HttpLimits>;
}

/** A server that listens. */
export interface RunningServer {
  /** Where it listens, with the port that it was given. */
  readonly url: string;
  /**
   * Refuses new work, answers what was begun within so many milliseconds, and stops listening: whether all was answered.
   * The models stay open: whoever loaded them closes them. Idempotent.
   */
  readonly close: (graceMilliseconds?: number) => Promise<boolean>;
}

/** Time that work in progress has when a server ends. */
export const GRACE_MILLISECONDS = 30_000;

/**
 * Serves models that are loaded: waits until all their sessions are ready, then listens. CONFIG_INVALID for options that
 * contradict each other or an address that cannot be had.
 */
export async function startServer(models: readonly NamedModel[], options: ServerOptions = {}): Promise<RunningServer> {
  const { host = '127.0.0.1', port = 8080, apiKeys = [], allowAnonymous = false, limits = {} } = options;
  if (apiKeys.length === 0 && !allowAnonymous && !isLoopback(host)) {
    throw new IsovecError(
      'CONFIG_INVALID',
      `On ${host} others can reach the server: give it API keys, or allow anonymous requests.`,
      { data: { option: 'apiKeys' } },
    );
  }
  await Promise.all(models.map(({ embedder }) => embedder.warmUp()));
  const readyAt = Date.now();
  const drain = new Drain();
  const served = new ServedModels(models.map((model) => ({ ...model, readyAt })));
  const http = await HttpServer.create({
    models: served,
    metrics: new ServerMetrics(served),
    drain,
    apiKeys,
    version: packageVersion(),
    limits: { ...DEFAULT_SERVICE_LIMITS, ...limits },
    httpLimits: { ...DEFAULT_HTTP_LIMITS, ...limits },
  });
  const address = await http.listen(host, port);
  let closing: Promise<boolean> | undefined;
  const end = async (grace: number): Promise<boolean> => {
    const begun = performance.now();
    const done = await drain.end(grace);
    const sent = await http.close(Math.max(0, grace - (performance.now() - begun)));
    return done && sent;
  };
  const shownHost = address.family === 'IPv6' ? `[${address.address}]` : address.address;
  return {
    url: `http://${shownHost}:${address.port}`,
    close: (grace = GRACE_MILLISECONDS) => (closing ??= end(grace)),
  };
}

function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || (isIP(host) === 4 && host.startsWith('127.'));
}

function packageVersion(): string {
  const manifest: unknown = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8'));
  const version = typeof manifest === 'object' && manifest !== null && 'version' in manifest ? manifest.version : '';
  return typeof version === 'string' ? version : '';
}
