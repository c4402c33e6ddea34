import { once } from 'node:events';
import { createServer, type IncomingMessage, type RequestListener, type ServerResponse } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { ERROR_TABLE } from '../../shared/error-table.js';
import { errorMessage, IsovecError, toIsovecError } from '../../shared/isovec-error.js';
import { ApiKeys } from '../authentication.js';
import { checkTls, type TlsFiles } from '../check-tls.js';
import { isLoopback, isLoopbackUrl } from '../is-loopback.js';
import { packageVersion } from '../package-version.js';
import type { AgentService } from './agent-memory.js';
import { createMcpServer } from './create-mcp-server.js';
import { loadMcpSdk, type McpSdk } from './load-sdk.js';

/** Options of {@link serveMcpOverHttp}. */
export interface McpHttpOptions {
  /** Address to listen on; 127.0.0.1 by default. */
  readonly host?: string;
  /** Port; 0 takes a free one; 8090 by default. */
  readonly port?: number;
  /** Keys that requests must carry one of, as `Authorization: Bearer KEY`. */
  readonly apiKeys?: readonly string[];
  /** Whether a server that others can reach may do without keys. */
  readonly allowAnonymous?: boolean;
  /** For HTTPS; without it the server speaks HTTP in the clear. */
  readonly tls?: TlsFiles;
}

/** A server of MCP that listens. */
export interface McpHttpServer {
  /** What clients are given, with the port that was taken. */
  readonly url: string;
  /** Answers what was begun within so many milliseconds, and stops listening. Memory and model stay open. Idempotent. */
  readonly close: (graceMilliseconds?: number) => Promise<void>;
}

const PATH = '/mcp';
const GRACE_MILLISECONDS = 10_000;

/**
 * Serves a memory and a model by MCP over streamable HTTP. Every request stands alone, so that clients may come and go, and
 * nothing is held for those that do not come back. Requests that a page of another origin makes are refused: a name that
 * resolves to this machine (DNS rebinding, CWE-350) must not reach a memory.
 *
 * CONFIG_INVALID for an address that cannot be had, or one that others can reach without keys, and for what is no certificate
 * with its key; PACKAGE_MISSING.
 */
export async function serveMcpOverHttp(service: AgentService, options: McpHttpOptions = {}): Promise<McpHttpServer> {
  const { host = '127.0.0.1', port = 8090, apiKeys = [], allowAnonymous = false, tls } = options;
  if (apiKeys.length === 0 && !allowAnonymous && !isLoopback(host)) {
    throw new IsovecError(
      'CONFIG_INVALID',
      `On ${host} others can reach the memory: give the server API keys, or allow anonymous requests.`,
      { data: { option: 'apiKeys' } },
    );
  }
  if (tls !== undefined) checkTls(tls);
  const sdk = await loadMcpSdk();
  const keys = new ApiKeys(apiKeys);
  const version = packageVersion();
  const listener: RequestListener = (request, response) => {
    answer(request, response, { sdk, service, keys, version, local: isLoopback(host) }).catch((error: unknown) => {
      refuse(response, toIsovecError(error));
    });
  };
  const server = tls === undefined ? createServer(listener) : createTlsServer({ ...tls }, listener);
  server.listen(port, host);
  await once(server, 'listening').catch((cause: unknown) => {
    throw new IsovecError('CONFIG_INVALID', `Cannot listen on ${host}:${port} (${errorMessage(cause)}).`, { cause });
  });
  const { address, family, port: taken } = server.address() as AddressInfo;
  let closing: Promise<void> | undefined;
  const end = async (grace: number): Promise<void> => {
    const closed = once(server, 'close');
    server.close();
    server.closeIdleConnections();
    const timer = setTimeout(() => {
      server.closeAllConnections();
    }, grace);
    await closed;
    clearTimeout(timer);
  };
  return {
    url: `${tls === undefined ? 'http' : 'https'}://${family === 'IPv6' ? `[${address}]` : address}:${taken}${PATH}`,
    close: (grace = GRACE_MILLISECONDS) => (closing ??= end(grace)),
  };
}

interface AnswerParts {
  readonly sdk: McpSdk;
  readonly service: AgentService;
  readonly keys: ApiKeys;
  readonly version: string;
  /** Whether the server listens on this machine alone. */
  readonly local: boolean;
}

async function answer(request: IncomingMessage, response: ServerResponse, parts: AnswerParts): Promise<void> {
  const { sdk, service, keys, version, local } = parts;
  const { host, origin, authorization } = request.headers;
  if ((local && !isLoopbackUrl(`http://${host ?? ''}`)) || (origin !== undefined && !isLoopbackUrl(origin))) {
    refuse(response, new IsovecError('NOT_FOUND', 'Pages of other origins are not served.'), 403);
    return;
  }
  keys.check(authorization);
  if (request.url?.split('?', 1)[0] !== PATH) {
    throw new IsovecError('NOT_FOUND', `MCP is served at ${PATH}.`);
  }
  if (request.method !== 'POST') {
    // There is no stream to listen on, and no session to end: clients then do without (Streamable HTTP, "Listening").
    response.setHeader('allow', 'POST');
    refuse(response, new IsovecError('INPUT_INVALID', 'Messages come by POST; there are no sessions.'), 405);
    return;
  }
  const server = createMcpServer(sdk, service, version);
  const transport = new sdk.StreamableHTTPServerTransport({ enableJsonResponse: true });
  // A client that goes away cancels what it asked for.
  response.once('close', () => {
    void server.close();
  });
  await server.connect(transport);
  await transport.handleRequest(request, response);
}

function refuse(response: ServerResponse, error: IsovecError, status: number = ERROR_TABLE[error.code].http): void {
  if (response.headersSent) {
    response.destroy();
    return;
  }
  if (status === 401) response.setHeader('www-authenticate', 'Bearer');
  const { jsonRpc } = ERROR_TABLE[error.code];
  const body = { jsonrpc: '2.0', error: { code: jsonRpc, message: `${error.code}: ${error.message}` }, id: null };
  response.writeHead(status, { 'content-type': 'application/json', connection: 'close' }).end(JSON.stringify(body));
}
