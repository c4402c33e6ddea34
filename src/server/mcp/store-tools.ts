import { z } from 'zod';
import type { MemoryRecord } from '../../memory/memory-record.js';
import { IsovecError } from '../../shared/isovec-error.js';
import { contentShape, kindShape, levelShape, shareShape, tagsShape } from '../memory/memory-shapes.js';
import { memoryShape, toldMemory } from '../memory/told-memory.js';
import type { AgentMemory } from './agent-memory.js';
import { agentTool, type AgentTool } from './agent-tool.js';
import { memoryUri } from './memory-uri.js';

/** What a lesson may be, as a tag; and how much it matters. */
const LESSON_KINDS = ['discovery', 'pattern', 'solution', 'warning', 'context'] as const;
const IMPORTANCE = { low: 0.3, medium: 0.5, high: 0.8, critical: 1 } as const;

const adds = { readOnlyHint: false, destructiveHint: false, idempotentHint: false, openWorldHint: false };

/** Tools by which agents remember. */
export function storeTools(memory: AgentMemory): readonly AgentTool[] {
  return [
    agentTool({
      name: 'store_memory',
      title: 'Store a memory',
      description:
        'Remembers a text for later sessions: a fact, a decision, what happened. Write it so that it is understood on its own.',
      input: z.strictObject({
        content: contentShape.describe('The text'),
        tags: tagsShape.optional().describe('What it is about: recall and deletion go by tags'),
        importance: shareShape.optional().describe('From 0 to 1; 0.5 by default'),
        level: levelShape.optional().describe('0 a concept, 1 a context, 2 an episode (default)'),
        kind: kindShape.optional().describe('What happened (episodic, default) or what is known (semantic)'),
      }),
      output: z.object({ memory: memoryShape }),
      annotations: adds,
      run: async ({ content, tags = [], importance = 0.5, level = 2, kind = 'episodic' }, signal) => {
        const record = onlyOne(await memory.remember([{ content, tags, importance, level, kind }], { signal }));
        return { value: { memory: toldMemory(record, memoryUri) }, text: `Stored as ${record.id}${tagged(record)}.` };
      },
    }),
    agentTool({
      name: 'session_lessons',
      title: 'Store a lesson of this session',
      description:
        'Remembers what should be known in later sessions: what was learnt, how something was solved, what to beware of. Use it at the end of a piece of work, once a lesson.',
      input: z.strictObject({
        lesson: contentShape.describe('The lesson, to be understood without this session'),
        type: z.enum(LESSON_KINDS).describe('What it is; becomes a tag'),
        importance: z.enum(['low', 'medium', 'high', 'critical']).optional().describe('medium by default'),
        tags: tagsShape.max(90).optional().describe('What it is about'),
      }),
      output: z.object({ memory: memoryShape }),
      annotations: adds,
      run: async ({ lesson, type, importance = 'medium', tags = [] }, signal) => {
        const input = {
          content: lesson,
          level: 1,
          kind: 'semantic',
          importance: IMPORTANCE[importance],
          tags: [...new Set(['lesson', type, ...tags])],
        } as const;
        const record = onlyOne(await memory.remember([input], { signal }));
        return {
          value: { memory: toldMemory(record, memoryUri) },
          text: `Stored the lesson as ${record.id}${tagged(record)}.`,
        };
      },
    }),
  ];
}

function onlyOne(records: readonly MemoryRecord[]): MemoryRecord {
  const [record] = records;
  if (record === undefined) throw new IsovecError('INTERNAL', 'A memory was remembered, and none came back.');
  return record;
}

function tagged({ tags }: MemoryRecord): string {
  return tags.length === 0 ? '' : `, tagged ${tags.join(', ')}`;
}
