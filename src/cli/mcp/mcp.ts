import { once } from 'node:events';
import type { AgentService } from '../../server/mcp/agent-memory.js';
import type { McpHttpOptions } from '../../server/mcp/serve-mcp-over-http.js';
import type { CommandContext } from '../command-context.js';
import type { ExitCode } from '../exit-codes.js';
import type { MemoryModelFlags, NamedModel } from '../memory/memory-flags.js';
import { useMemory } from '../memory/use-memory.js';
import { readApiKeys, readTls } from '../serve/read-secrets.js';

/** Flags of `isovec mcp`. */
export interface McpFlags extends MemoryModelFlags {
  readonly http?: boolean;
  readonly host?: string;
  readonly port?: number;
  readonly apiKeyFile?: string;
  readonly allowAnonymous?: boolean;
  readonly tlsCert?: string;
  readonly tlsKey?: string;
  /** Milliseconds. */
  readonly grace?: number;
}

/** Serves a memory until the client, or a signal, ends it. */
export async function mcp(flags: McpFlags, named: NamedModel, context: CommandContext): Promise<ExitCode> {
  // Before a model is loaded and a file made: what is wrong with them is told at once.
  const secrets = flags.http === true ? await readSecrets(flags) : undefined;
  return useMemory(flags, { named, create: true, fewTexts: false }, context, (memory, embedder) => {
    const service = { memory, embedder };
    return secrets === undefined ? serveStdio(service, context) : serveHttp(service, flags, secrets, context);
  });
}

async function readSecrets(flags: McpFlags): Promise<Pick<McpHttpOptions, 'apiKeys' | 'tls'>> {
  const tls = await readTls(flags.tlsCert, flags.tlsKey);
  return { apiKeys: await readApiKeys(flags.apiKeyFile), ...(tls === undefined ? {} : { tls }) };
}

async function serveStdio(service: AgentService, { signal, talk }: CommandContext): Promise<ExitCode> {
  const { serveMcpOverStdio } = await import('../../server/mcp/serve-mcp-over-stdio.js');
  const server = await serveMcpOverStdio(service);
  // Standard output is the protocol's.
  talk.info('Serving a memory on standard input and output.');
  if (!signal.aborted) await Promise.race([server.ended, once(signal, 'abort')]);
  await server.close();
  return 0;
}

async function serveHttp(
  service: AgentService,
  flags: McpFlags,
  secrets: Pick<McpHttpOptions, 'apiKeys' | 'tls'>,
  context: CommandContext,
): Promise<ExitCode> {
  const { serveMcpOverHttp } = await import('../../server/mcp/serve-mcp-over-http.js');
  const { signal, output, json, talk } = context;
  const server = await serveMcpOverHttp(service, {
    ...(flags.host === undefined ? {} : { host: flags.host }),
    ...(flags.port === undefined ? {} : { port: flags.port }),
    ...secrets,
    allowAnonymous: flags.allowAnonymous === true,
  });
  talk.clear();
  if (json) await output.json({ event: 'ready', url: server.url });
  else await output.line(`Serving a memory on ${server.url}`);
  if (!signal.aborted) await once(signal, 'abort');
  await server.close(flags.grace);
  return 0;
}
