import { IsovecError } from '../../shared/isovec-error.js';
import type { StoreChange } from './store.js';

/** Vectors must be of the store's dimensions and finite: INPUT_INVALID names the memory. */
export function checkVectors({ put = [] }: StoreChange, dimensions: number): void {
  for (const { record, vector } of put) {
    if (vector.length !== dimensions) {
      throw new IsovecError(
        'INPUT_INVALID',
        `The vector of memory ${record.id} has ${vector.length} dimensions, and the store has ${dimensions}.`,
        { data: { id: record.id, dimensions: vector.length, expected: dimensions } },
      );
    }
    if (!vector.every(Number.isFinite)) {
      throw new IsovecError('INPUT_INVALID', `The vector of memory ${record.id} is not finite.`, {
        data: { id: record.id },
      });
    }
  }
}

/** A search needs a vector of the store's dimensions: INPUT_INVALID. */
export function checkQuery(query: Float32Array, dimensions: number): void {
  if (query.length === dimensions && query.every(Number.isFinite)) return;
  throw new IsovecError(
    'INPUT_INVALID',
    `The query has ${query.length} dimensions, and the store has ${dimensions}; all of them must be finite.`,
    { data: { dimensions: query.length, expected: dimensions } },
  );
}

/** For an id that is to be patched or connected, and is not there. */
export function unknownMemory(id: string): IsovecError {
  return new IsovecError('NOT_FOUND', `There is no memory ${id}.`, { data: { id } });
}

/** For every call after {@link MemoryStore.close}. */
export function storeClosed(): IsovecError {
  return new IsovecError('CLOSED', 'The store was closed.');
}
