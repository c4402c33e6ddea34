import type { Schemas } from '@qdrant/js-client-rest';
import { isCognitiveDimension } from '../../cognitive/cognitive-dimensions.js';
import type { MemoryFilter } from '../../memory-filter.js';
import { pointId } from './memory-points.js';

/** A filter as conditions that a point must meet all of, among the points of one store. */
export function filterConditions(store: string, filter: MemoryFilter): Schemas['Filter'] {
  const { ids, anyTags, allTags = [], levels, kinds, source, since, until, dimensions = {} } = filter;
  const must: Schemas['Condition'][] = [{ key: 'store', match: { value: store } }];
  const anyOf = (key: string, values: readonly string[] | readonly number[]): void => {
    must.push({ key, match: { any: [...values] as string[] | number[] } });
  };
  if (ids !== undefined) must.push({ has_id: [...new Set(ids)].map((id) => pointId(store, id)) });
  if (anyTags !== undefined) anyOf('tags', anyTags);
  for (const tag of allTags) must.push({ key: 'tags', match: { value: tag } });
  if (levels !== undefined) anyOf('level', levels);
  if (kinds !== undefined) anyOf('kind', kinds);
  if (source !== undefined) must.push({ key: 'source', match: { value: source } });
  if (since !== undefined) must.push({ key: 'moment', range: { gte: finite(since) } });
  if (until !== undefined) must.push({ key: 'moment', range: { lt: finite(until) } });
  for (const [name, least] of Object.entries(dimensions)) {
    if (isCognitiveDimension(name)) must.push({ key: `dimensions.${name}`, range: { gte: finite(least) } });
  }
  return { must };
}

/** JSON has no infinite numbers. */
function finite(value: number): number {
  return Math.max(-Number.MAX_VALUE, Math.min(Number.MAX_VALUE, value));
}
