import type { CallToolResult, ToolAnnotations } from '@modelcontextprotocol/sdk/types.js';
import type { z } from 'zod';
import { toIsovecError } from '../../shared/isovec-error.js';

/** What a tool answers: a value of its output schema, and the same as text for people and models. */
export interface ToolAnswer<Value> {
  readonly value: Value;
  readonly text: string;
}

/** A tool for agents: what it takes, what it gives, what it does. */
export interface ToolDefinition<Input extends z.ZodObject, Output extends z.ZodObject> {
  readonly name: string;
  readonly title: string;
  /** Tells a model when to use it. */
  readonly description: string;
  readonly input: Input;
  readonly output: Output;
  readonly annotations: ToolAnnotations;
  run(args: z.output<Input>, signal: AbortSignal): Promise<ToolAnswer<z.input<Output>>>;
}

/** A tool whose arguments were checked by its input schema before they come. */
export interface AgentTool extends Omit<ToolDefinition<z.ZodObject, z.ZodObject>, 'run'> {
  readonly call: (args: unknown, signal: AbortSignal) => Promise<CallToolResult>;
}

/** A tool from its definition. Its errors are results, with their code, so that a model can read them and do better. */
export function agentTool<Input extends z.ZodObject, Output extends z.ZodObject>(
  definition: ToolDefinition<Input, Output>,
): AgentTool {
  return {
    ...definition,
    call: async (args, signal) => {
      try {
        const { value, text } = await definition.run(args as z.output<Input>, signal);
        return { content: [{ type: 'text', text }], structuredContent: value };
      } catch (error) {
        const { code, message, retryable } = toIsovecError(error);
        const content = [{ type: 'text' as const, text: `${code}: ${message}` }];
        return { isError: true, content, _meta: { 'isovec/error': { code, retryable } } };
      }
    },
  };
}
