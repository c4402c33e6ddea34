import { z } from 'zod';
import { COGNITIVE_DIMENSIONS, type CognitiveDimension } from '../../memory/cognitive/cognitive-dimensions.js';
import type { MemoryRecord } from '../../memory/memory-record.js';
import type { FieldShapes } from './field-shapes.js';
import { kindShape, levelShape } from './memory-shapes.js';

/** A memory as clients are told of it, with instants as ISO 8601 in UTC. */
export interface ToldMemory {
  id: string;
  uri: string;
  content: string;
  level: 0 | 1 | 2;
  kind: 'episodic' | 'semantic';
  tags: string[];
  importance: number;
  accessCount: number;
  createdAt: string;
  sourceAt?: string | undefined;
  source?: { path: string; type: string } | undefined;
  dimensions: Partial<Record<CognitiveDimension, number>>;
}

/** Its fields, each with its schema. */
export const memoryFields: FieldShapes<ToldMemory> = {
  id: z.string(),
  uri: z.string().describe('Where all of it is'),
  content: z.string(),
  level: levelShape.describe('0 a concept, 1 a context, 2 an episode'),
  kind: kindShape,
  tags: z.array(z.string()),
  importance: z.number(),
  accessCount: z.number(),
  createdAt: z.string(),
  sourceAt: z.string().optional().describe('When what it tells of happened, or was written'),
  source: z.object({ path: z.string(), type: z.string() }).optional(),
  dimensions: z
    .partialRecord(z.enum(COGNITIVE_DIMENSIONS), z.number())
    .describe('What the text shows, where it is not 0'),
};

export const memoryShape: z.ZodType<ToldMemory, ToldMemory> = z.object(memoryFields);

/** What clients are told of a memory; `uriOf` gives the address of one by its id. */
export function toldMemory(record: MemoryRecord, uriOf: (id: string) => string): ToldMemory {
  const { id, content, level, kind, tags, importance, accessCount, createdAt, sourceAt, source, dimensions } = record;
  return {
    id,
    uri: uriOf(id),
    content,
    level,
    kind,
    tags: [...tags],
    importance,
    accessCount,
    createdAt: isoTime(createdAt),
    ...(sourceAt !== undefined && { sourceAt: isoTime(sourceAt) }),
    ...(source !== undefined && { source: { path: source.path, type: source.type } }),
    dimensions: Object.fromEntries(Object.entries(dimensions).filter(([, value]) => value > 0)),
  };
}

/** An instant in ISO 8601, UTC. */
export function isoTime(milliseconds: number): string {
  return new Date(milliseconds).toISOString();
}
