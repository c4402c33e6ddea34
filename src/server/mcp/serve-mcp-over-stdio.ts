import type { Readable, Writable } from 'node:stream';
import { packageVersion } from '../package-version.js';
import type { AgentService } from './agent-memory.js';
import { createMcpServer } from './create-mcp-server.js';
import { loadMcpSdk } from './load-sdk.js';

/** Streams of {@link serveMcpOverStdio}; those of the process by default. */
export interface StdioStreams {
  readonly input?: Readable;
  /** Nothing else may be written to it. */
  readonly output?: Writable;
}

/** A server of MCP on two streams. */
export interface StdioServer {
  /** Resolves when the client has closed its side, or the server was closed. */
  readonly ended: Promise<void>;
  /** Cancels what is open. Memory and model stay open. Idempotent. */
  readonly close: () => Promise<void>;
}

/**
 * Serves a memory and a model to the client that started this process, by MCP over standard input and output. It ends when the
 * input ends or the output cannot be written any more. PACKAGE_MISSING without the package of the protocol.
 */
export async function serveMcpOverStdio(service: AgentService, streams: StdioStreams = {}): Promise<StdioServer> {
  const { input = process.stdin, output = process.stdout } = streams;
  const sdk = await loadMcpSdk();
  const server = createMcpServer(sdk, service, packageVersion());
  const ended = new Promise<void>((resolve) => {
    server.server.onclose = resolve;
  });
  const end = (): void => {
    void server.close();
  };
  for (const event of ['end', 'close']) input.once(event, end);
  for (const event of ['error', 'close']) output.on(event, end);
  await server.connect(new sdk.StdioServerTransport(input, output));
  return { ended, close: () => server.close() };
}
