import type * as McpModule from '@modelcontextprotocol/sdk/server/mcp.js';
import type * as StdioModule from '@modelcontextprotocol/sdk/server/stdio.js';
import type * as HttpModule from '@modelcontextprotocol/sdk/server/streamableHttp.js';
import { missingPackage } from '../../shared/missing-package.js';

/** What is used of the official package of the protocol. */
export interface McpSdk {
  readonly McpServer: typeof McpModule.McpServer;
  readonly ResourceTemplate: typeof McpModule.ResourceTemplate;
  readonly StdioServerTransport: typeof StdioModule.StdioServerTransport;
  readonly StreamableHTTPServerTransport: typeof HttpModule.StreamableHTTPServerTransport;
}

/** Loads the package of the protocol, which is optional. PACKAGE_MISSING with the command that installs it. */
export async function loadMcpSdk(): Promise<McpSdk> {
  try {
    const [{ McpServer, ResourceTemplate }, { StdioServerTransport }, { StreamableHTTPServerTransport }] =
      await Promise.all([
        import('@modelcontextprotocol/sdk/server/mcp.js'),
        import('@modelcontextprotocol/sdk/server/stdio.js'),
        import('@modelcontextprotocol/sdk/server/streamableHttp.js'),
      ]);
    return { McpServer, ResourceTemplate, StdioServerTransport, StreamableHTTPServerTransport };
  } catch (cause) {
    throw missingPackage('MCP', ['@modelcontextprotocol/sdk@1.32.2'], cause);
  }
}
