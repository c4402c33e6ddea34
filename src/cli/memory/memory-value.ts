import type { MemoryRecord } from '../../memory/memory-record.js';
import { LEVEL_NAMES, type LevelName } from './memory-flags.js';

/** A memory as JSON: instants in ISO 8601, the level by its name, null where nothing is known. */
export interface MemoryValue extends Omit<
  MemoryRecord,
  'level' | 'source' | 'parentId' | 'createdAt' | 'modifiedAt' | 'sourceAt' | 'accessedAt'
> {
  readonly level: LevelName;
  readonly source: MemoryRecord['source'] | null;
  readonly parentId: string | null;
  readonly createdAt: string;
  readonly modifiedAt: string;
  readonly sourceAt: string | null;
  readonly accessedAt: string | null;
}

/** A memory as JSON shows it. */
export function memoryValue(record: MemoryRecord): MemoryValue {
  const { level, source, parentId, createdAt, modifiedAt, sourceAt, accessedAt } = record;
  return {
    ...record,
    level: LEVEL_NAMES[level],
    source: source ?? null,
    parentId: parentId ?? null,
    createdAt: isoTime(createdAt),
    modifiedAt: isoTime(modifiedAt),
    sourceAt: sourceAt === undefined ? null : isoTime(sourceAt),
    accessedAt: accessedAt === undefined ? null : isoTime(accessedAt),
  };
}

function isoTime(milliseconds: number): string {
  return new Date(milliseconds).toISOString();
}
