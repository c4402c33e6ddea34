import { z } from 'zod';
import type { ForgetReport } from '../../memory/memory-input.js';
import { IsovecError } from '../../shared/isovec-error.js';
import { idShape, tagsShape } from '../memory/memory-shapes.js';
import { forgottenFields, type ToldForgotten, toldForgotten } from '../memory/told-forgotten.js';
import type { AgentMemory } from './agent-memory.js';
import { agentTool, type AgentTool } from './agent-tool.js';

const confirmShape = z
  .boolean()
  .optional()
  .describe('true deletes; without it, the answer only says what would be deleted. Ask the user first.');

const output = z.object(forgottenFields);

const annotations = { readOnlyHint: false, destructiveHint: true, idempotentHint: true, openWorldHint: false };

/** Tools by which agents forget. Without `confirm` they say what would go, so that no model deletes by guessing. */
export function deletionTools(memory: AgentMemory): readonly AgentTool[] {
  return [
    agentTool({
      name: 'delete_memory',
      title: 'Delete a memory',
      description: 'Forgets one memory with its vector and connections. Without confirm: true it only shows it.',
      input: z.strictObject({ id: idShape, confirm: confirmShape }),
      output,
      annotations,
      run: async ({ id, confirm = false }) => {
        const report = await memory.forget({ ids: [id] }, { dryRun: !confirm });
        if (report.removed.length === 0) {
          throw new IsovecError('NOT_FOUND', `There is no memory ${JSON.stringify(id)}. recall_memories tells ids.`, {
            data: { id },
          });
        }
        return told(report);
      },
    }),
    agentTool({
      name: 'delete_memories_by_tags',
      title: 'Delete memories by their tags',
      description:
        'Forgets all memories with some tags. Without confirm: true it only shows which: look at them before you confirm.',
      input: z.strictObject({
        tags: tagsShape.min(1),
        match: z.enum(['any', 'all']).optional().describe('Memories with any of the tags, or with all (default)'),
        confirm: confirmShape,
      }),
      output,
      annotations,
      run: async ({ tags, match = 'all', confirm = false }) =>
        told(await memory.forget(match === 'any' ? { anyTags: tags } : { allTags: tags }, { dryRun: !confirm })),
    }),
  ];
}

function told(report: ForgetReport): { value: ToldForgotten; text: string } {
  const { dryRun } = report;
  const value = toldForgotten(report);
  const { count, memories } = value;
  const counted = `${count} ${count === 1 ? 'memory' : 'memories'}`;
  const head = dryRun ? `Would delete ${counted}; nothing was deleted yet.` : `Deleted ${counted}.`;
  const more = count > memories.length ? [`... and ${count - memories.length} more`] : [];
  const way = dryRun && count > 0 ? ['Call again with confirm: true to delete.'] : [];
  const lines = memories.map(({ id, content }) => `- ${content} (${id})`);
  return { value, text: [head, ...lines, ...more, ...way].join('\n') };
}
