import { serveMcpOverStdio } from '#src/server/mcp/serve-mcp-over-stdio.js';
import { emptyMemory, wordEmbedder } from './agent-service.js';

// A program as agents start it: MCP on standard input and output.
const server = await serveMcpOverStdio({ memory: emptyMemory(), embedder: wordEmbedder });
await server.ended;
