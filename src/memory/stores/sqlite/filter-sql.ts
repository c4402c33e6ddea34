import { isCognitiveDimension } from '../../cognitive/cognitive-dimensions.js';
import type { MemoryFilter } from '../../memory-filter.js';
import type { SqliteValue } from './sqlite-connection.js';

/** A condition on `records`, and what is bound to it; the condition is 1 where the filter has none. */
export interface FilterSql {
  readonly where: string;
  readonly parameters: readonly SqliteValue[];
}

/** A filter as SQL: lists travel as JSON, so that a statement has one shape whatever their length. */
export function filterSql(filter: MemoryFilter): FilterSql {
  const { ids, anyTags, allTags, levels, kinds, source, since, until, dimensions = {} } = filter;
  const conditions: string[] = [];
  const parameters: SqliteValue[] = [];
  const add = (condition: string, ...values: SqliteValue[]): void => {
    conditions.push(condition);
    parameters.push(...values);
  };
  const among = (column: string, values: readonly (string | number)[]): void => {
    add(`${column} IN (SELECT value FROM json_each(?))`, JSON.stringify(values));
  };
  if (ids !== undefined) among('records.id', ids);
  if (levels !== undefined) among('records.level', levels);
  if (kinds !== undefined) among('records.kind', kinds);
  if (anyTags !== undefined) {
    add(
      'records.number IN (SELECT record FROM tags WHERE tag IN (SELECT value FROM json_each(?)))',
      JSON.stringify(anyTags),
    );
  }
  for (const tag of allTags ?? []) add('records.number IN (SELECT record FROM tags WHERE tag = ?)', tag);
  if (source !== undefined) add('records.source_path = ?', source);
  if (since !== undefined) add('records.moment >= ?', since);
  if (until !== undefined) add('records.moment < ?', until);
  for (const [name, least] of Object.entries(dimensions)) {
    // The name becomes part of the statement: only one of ours may.
    if (isCognitiveDimension(name)) add(`records.dimensions ->> '${name}' >= ?`, least);
  }
  return { where: conditions.length === 0 ? '1' : conditions.join(' AND '), parameters };
}
