import type { CognitiveDimension } from './cognitive/cognitive-dimensions.js';
import type { MemoryKind, MemoryLevel, MemoryRecord } from './memory-record.js';

/** Which memories are meant: those that meet all conditions; without any, all of them. */
export interface MemoryFilter {
  readonly ids?: readonly string[];
  /** Memories with at least one of these tags. */
  readonly anyTags?: readonly string[];
  /** Memories with every one of these tags. */
  readonly allTags?: readonly string[];
  readonly levels?: readonly MemoryLevel[];
  readonly kinds?: readonly MemoryKind[];
  /** Path of the source. */
  readonly source?: string;
  /** Memories of this moment and later, in milliseconds since 1970: of the source if that is known, else of their making. */
  readonly since?: number;
  /** Memories before this moment. */
  readonly until?: number;
  /** Least values of cognitive dimensions, each in [0, 1]. */
  readonly dimensions?: Readonly<Partial<Record<CognitiveDimension, number>>>;
}

/** The moment of a memory, by which it is filtered. */
export function momentOf({ sourceAt, createdAt }: Pick<MemoryRecord, 'sourceAt' | 'createdAt'>): number {
  return sourceAt ?? createdAt;
}

/** Whether a memory meets a filter: the rule that every store follows. */
export function meetsFilter(record: MemoryRecord, filter: MemoryFilter): boolean {
  const { ids, anyTags, allTags, levels, kinds, source, since, until, dimensions } = filter;
  const moment = momentOf(record);
  return (
    (ids?.includes(record.id) ?? true) &&
    (anyTags?.some((tag) => record.tags.includes(tag)) ?? true) &&
    (allTags?.every((tag) => record.tags.includes(tag)) ?? true) &&
    (levels?.includes(record.level) ?? true) &&
    (kinds?.includes(record.kind) ?? true) &&
    (source === undefined || record.source?.path === source) &&
    (since === undefined || moment >= since) &&
    (until === undefined || moment < until) &&
    Object.entries(dimensions ?? {}).every(([name, least]) => record.dimensions[name as CognitiveDimension] >= least)
  );
}
