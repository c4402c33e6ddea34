import type { z } from 'zod';

import { declaredSpace } from '../src/models/embedding-space.js';
import type { AgentService } from '../src/server/mcp/agent-memory.js';
import type { AgentTool } from '../src/server/mcp/agent-tool.js';
import { agentTools } from '../src/server/mcp/create-mcp-server.js';
import { MEMORY_TEMPLATE } from '../src/server/mcp/memory-uri.js';

/** What `isovec mcp` offers, for docs/guides/memory-over-mcp.md, as clients are told of it. */
export function mcpReference(): string {
  const rows = agentTools(UNUSED).map(
    (tool) => `| \`${tool.name}\` | ${argumentsOf(tool)} | ${effectOf(tool)} | ${tool.description} |`,
  );
  return [
    '| tool | arguments | memories | what a model is told of it |',
    '| --- | --- | --- | --- |',
    ...rows,
    '',
    `Resources: \`${MEMORY_TEMPLATE}\` is all of one memory as JSON; tools answer with these addresses.`,
  ].join('\n');
}

function argumentsOf({ input }: AgentTool): string {
  const names = Object.entries<z.ZodType>(input.shape).map(
    ([name, shape]) => `\`${name}\`${shape.safeParse(undefined).success ? '?' : ''}`,
  );
  return names.join(', ');
}

function effectOf({ annotations: { readOnlyHint = false, destructiveHint = true } }: AgentTool): string {
  if (readOnlyHint) return 'kept';
  return destructiveHint ? 'removed' : 'added';
}

const nothing = (): never => {
  throw new Error('Tools are described here, not called.');
};

const UNUSED: AgentService = {
  memory: { remember: nothing, recall: nothing, get: nothing, forget: nothing, status: nothing },
  embedder: {
    space: declaredSpace({ model: 'none', dimensions: 1 }),
    dimensions: 1,
    encodeBatch: nothing,
    similarity: nothing,
  },
};
