import type { FoundMemory } from './store.js';

/** The order of what a search finds: the most similar first, equal ones by id. */
export function nearestFirst(a: FoundMemory, b: FoundMemory): number {
  return b.similarity - a.similarity || (a.record.id < b.record.id ? -1 : 1);
}
