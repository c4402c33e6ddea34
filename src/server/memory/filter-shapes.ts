import { z } from 'zod';
import type { MemoryFilter } from '../../memory/memory-filter.js';
import type { MemoryKind, MemoryLevel } from '../../memory/memory-record.js';
import type { FieldShapes } from './field-shapes.js';
import { instantShape, kindShape, levelShape, tagsShape } from './memory-shapes.js';

/** Which memories are meant, as clients say it. */
export interface FilterInput {
  readonly tags?: readonly string[] | undefined;
  readonly match?: 'any' | 'all' | undefined;
  readonly levels?: readonly MemoryLevel[] | undefined;
  readonly kinds?: readonly MemoryKind[] | undefined;
  readonly source?: string | undefined;
  readonly since?: string | undefined;
  readonly until?: string | undefined;
}

type Filter = Omit<MemoryFilter, 'ids' | 'dimensions'>;
type Narrowed = Pick<FilterInput, 'tags' | 'levels' | 'kinds' | 'since' | 'until'>;

/** Conditions that narrow a search, each with its schema. */
export const filterFields: FieldShapes<Narrowed> = {
  tags: tagsShape.min(1).optional().describe('Memories with at least one of these'),
  levels: z.array(levelShape).min(1).max(3).optional(),
  kinds: z.array(kindShape).min(1).max(2).optional(),
  since: instantShape.optional().describe('Memories of this moment and later'),
  until: instantShape.optional().describe('Memories before this moment'),
};

/** The filter of a memory that these conditions stand for. */
export function filterOf({ tags, match = 'any', levels, kinds, source, since, until }: FilterInput): Filter {
  return {
    ...(tags !== undefined && (match === 'any' ? { anyTags: tags } : { allTags: tags })),
    ...(levels !== undefined && { levels }),
    ...(kinds !== undefined && { kinds }),
    ...(source !== undefined && { source }),
    ...(since !== undefined && { since: Date.parse(since) }),
    ...(until !== undefined && { until: Date.parse(until) }),
  };
}
