import { isCognitiveDimension } from '../../cognitive/cognitive-dimensions.js';
import type { MemoryFilter } from '../../memory-filter.js';
import type { SqlValue } from './postgres-pool.js';

/** A condition on `records`, and what is bound to it from `$first` on. */
export interface FilterSql {
  readonly where: string;
  readonly parameters: readonly SqlValue[];
}

/** A filter as SQL; its parameters stand behind those of the statement, which has `before` of its own. */
export function filterSql(filter: MemoryFilter, before: number): FilterSql {
  const { ids, anyTags, allTags, levels, kinds, source, since, until, dimensions = {} } = filter;
  const conditions: string[] = [];
  const parameters: SqlValue[] = [];
  const add = (condition: (parameter: string) => string, value: SqlValue): void => {
    parameters.push(value);
    conditions.push(condition(`$${before + parameters.length}`));
  };
  if (ids !== undefined) add((list) => `records.id = ANY(${list}::text[])`, ids);
  if (levels !== undefined) add((list) => `records.level = ANY(${list}::int[])`, levels);
  if (kinds !== undefined) add((list) => `records.kind = ANY(${list}::text[])`, kinds);
  if (anyTags !== undefined) add((list) => `records.tags && ${list}::text[]`, anyTags);
  if (allTags !== undefined) add((list) => `records.tags @> ${list}::text[]`, allTags);
  if (source !== undefined) add((path) => `records.source_path = ${path}`, source);
  if (since !== undefined) add((moment) => `records.moment >= ${moment}::bigint`, wholeMoment(since));
  if (until !== undefined) add((moment) => `records.moment < ${moment}::bigint`, wholeMoment(until));
  for (const [name, least] of Object.entries(dimensions)) {
    // The name becomes part of the statement: only one of ours may.
    if (isCognitiveDimension(name))
      add((value) => `(records.dimensions ->> '${name}')::float8 >= ${value}::float8`, least);
  }
  return { where: conditions.length === 0 ? 'true' : conditions.join(' AND '), parameters };
}

/** Moments are whole: to be at least, or below, a fraction is to be so of the next whole number. */
function wholeMoment(moment: number): number {
  return Math.max(-Number.MAX_SAFE_INTEGER, Math.min(Number.MAX_SAFE_INTEGER, Math.ceil(moment)));
}
