import { z } from 'zod';
import { MOST_CONTENT_CHARACTERS } from '../../memory/check-input.js';
import { COGNITIVE_DIMENSIONS, type CognitiveDimension } from '../../memory/cognitive/cognitive-dimensions.js';
import type { MemoryRecord } from '../../memory/memory-record.js';

/** As the memory takes them: told in the schemas, so that a model keeps to them. */
const MAX_NAME = 256;
const MAX_TAGS = 100;

export const contentShape: z.ZodString = z.string().regex(/\S/, 'must not be blank').max(MOST_CONTENT_CHARACTERS);
export const idShape: z.ZodString = z.string().min(1).max(MAX_NAME);
const tagShape: z.ZodString = z
  .string()
  .min(1)
  .max(MAX_NAME)
  // No `\p{Cc}`: clients compile patterns of schemas with what they have, which often knows no classes of Unicode.
  .regex(/^[^\u0000-\u001f\u007f-\u009f]*$/, 'must not hold control characters');
export const tagsShape: z.ZodArray<z.ZodString> = z.array(tagShape).max(MAX_TAGS);
export const levelShape: z.ZodUnion<[z.ZodLiteral<0>, z.ZodLiteral<1>, z.ZodLiteral<2>]> = z.union([
  z.literal(0),
  z.literal(1),
  z.literal(2),
]);
export const kindShape: z.ZodEnum<{ episodic: 'episodic'; semantic: 'semantic' }> = z.enum(['episodic', 'semantic']);
export const shareShape: z.ZodNumber = z.number().min(0).max(1);

/** A memory as agents are told of it, with instants as ISO 8601 in UTC. */
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

export const memoryShape: z.ZodType<ToldMemory, ToldMemory> = z.object({
  id: z.string(),
  uri: z.string().describe('The resource that holds all of it'),
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
});

/** Addresses of memories; `{id}` is percent-encoded. */
export const MEMORY_TEMPLATE = 'memory://record/{id}';

/** The address of a memory. */
export function memoryUri(id: string): string {
  return MEMORY_TEMPLATE.replace('{id}', () => encodeURIComponent(id));
}

/** What agents are told of a memory. */
export function toldMemory(record: MemoryRecord): ToldMemory {
  const { id, content, level, kind, tags, importance, accessCount, createdAt, sourceAt, source, dimensions } = record;
  return {
    id,
    uri: memoryUri(id),
    content,
    level,
    kind,
    tags: [...tags],
    importance,
    accessCount,
    createdAt: new Date(createdAt).toISOString(),
    ...(sourceAt !== undefined && { sourceAt: new Date(sourceAt).toISOString() }),
    ...(source !== undefined && { source: { path: source.path, type: source.type } }),
    dimensions: Object.fromEntries(Object.entries(dimensions).filter(([, value]) => value > 0)),
  };
}

/** The beginning of a text on one line. */
export function excerpt(content: string, length: number): string {
  const line = content.replaceAll(/\s+/g, ' ').trim();
  if (line.length <= length) return line;
  return `${line.slice(0, length).replace(/\s?\S*$/, '') || line.slice(0, length).replace(/[\uD800-\uDBFF]$/, '')} ...`;
}
