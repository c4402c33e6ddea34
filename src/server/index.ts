/**
 * A server for models: REST in the shapes of isovec, OpenAI and text-embeddings-inference.
 *
 * @packageDocumentation
 */
export { GRACE_MILLISECONDS } from './drain.js';
export { type RunningServer, type ServerOptions, startServer } from './start-server.js';
export type { TlsFiles } from './check-tls.js';
export type { HttpLimits } from './http/create-http-app.js';
export type { OfferedModel } from './served-models.js';
export type { ServerMemoryOptions } from './memory/served-memory.js';
export type { ServiceLimits } from './service-limits.js';
export type { AgentEmbedder, AgentMemory, AgentService } from './mcp/agent-memory.js';
export { type McpHttpOptions, type McpHttpServer, serveMcpOverHttp } from './mcp/serve-mcp-over-http.js';
export { serveMcpOverStdio, type StdioServer, type StdioStreams } from './mcp/serve-mcp-over-stdio.js';
